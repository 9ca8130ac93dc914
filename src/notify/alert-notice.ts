import type { AlertRule } from "../config/config.ts";
import { toIsoTime } from "../lib/clock.ts";
import type { Language } from "../lib/language.ts";
import type { Finding, Measure } from "./alert-finding.ts";
import type { Statement } from "./alert-watch.ts";
import { duration, NAMES, wordsForRaised, wordsForResolved } from "./alert-words.ts";
import type { Notice } from "./notice.ts";

/** What is said of a finding, for people and for programs. */
export function alertNotice(rule: AlertRule, statement: Statement, now: number, language: Language): Notice {
  const { state, finding, forMs } = statement;
  const { title, facts } =
    statement.state === "raised"
      ? wordsForRaised(statement.finding, language)
      : wordsForResolved(statement.finding, language);
  const name = NAMES[language];
  const span = duration(forMs, language);
  return {
    type: `alert.${state}`,
    timestamp: toIsoTime(now),
    title,
    facts: [
      ...facts,
      ...(forMs === 0 ? [] : [[state === "resolved" ? name.lasted : name.since, span] as const]),
      [name.rule, rule.name],
    ],
    data: {
      rule: rule.name,
      condition: finding.measure.kind,
      state,
      subject: finding.subject,
      message: title,
      for_seconds: Math.floor(forMs / 1_000),
      ...viewMeasure(finding.measure),
    },
  };
}

/** Told once there is room again: how many messages of which rules a receiver did not get. */
export function withheldNotice(
  withheld: ReadonlyMap<string, number>,
  now: number,
  language: Language,
): Notice {
  const count = [...withheld.values()].reduce((sum, each) => sum + each, 0);
  const message =
    language === "zh"
      ? `另有 ${count} 条告警未发送`
      : `${count} more alerts were not sent: too many in a minute`;
  return {
    type: "alert.withheld",
    timestamp: toIsoTime(now),
    title: message,
    facts: [...withheld].map(([rule, number]) => [rule, String(number)]),
    data: { message, count, rules: Object.fromEntries(withheld) },
  };
}

function viewMeasure(measure: Measure): object {
  switch (measure.kind) {
    case "task_failed": {
      const { failed, taskId, reason, message } = measure;
      return { failed, last: { task_id: taskId, reason, error: message } };
    }
    case "failure_rate": {
      const { failed, ended, windowMs, above } = measure;
      return { failed, ended, window_seconds: windowMs / 1_000, above };
    }
    case "queue_older": {
      const { waitedMs, thanMs, taskId, heldBy } = measure;
      return {
        waited_seconds: Math.floor(waitedMs / 1_000),
        limit_seconds: thanMs / 1_000,
        task_id: taskId,
        waiting_for: heldBy,
      };
    }
    case "queue_fuller": {
      const { pending, capacity, than, heldBy } = measure;
      return { pending, capacity, limit: than, waiting_for: heldBy };
    }
    case "target_down": {
      const { circuit, isHealthy, lastFailure } = measure;
      return { circuit, healthy: isHealthy, last_failure: lastFailure };
    }
    default:
      return measure satisfies never;
  }
}

/** In a line of the log: what it is about, without the rest. */
export function subjectOf({ subject }: Finding): string {
  return subject.kind === "target" ? `${subject.name} (${subject.pool})` : subject.name;
}
