import type { AlertCondition, AlertRule } from "../config/config.ts";
import type { TaskEvents } from "../task/event.ts";
import { type Condition, queueFuller, queueOlder, targetDown } from "./alert-conditions.ts";
import { type AlertView, type Finding, keyOf, type StateFinding } from "./alert-finding.ts";
import { createFailureRate } from "./failure-rate.ts";

/** What is to be said about a finding. `forMs` is how long it has been so; 0 when it is said for the first time. */
export type Statement =
  | { readonly state: "raised"; readonly finding: Finding; readonly forMs: number }
  | { readonly state: "resolved"; readonly finding: StateFinding; readonly forMs: number };

/** One rule at work: it remembers what was said, so that nothing is said twice. */
export interface Watch {
  readonly when: AlertCondition;
  taskEnded(event: TaskEvents["task.ended"], monotonicMs: number): void;
  /** What there is to say now; it counts as said. */
  look(rule: AlertRule, view: AlertView): readonly Statement[];
}

export function createWatch(when: AlertCondition): Watch {
  switch (when.kind) {
    case "task_failed":
      return watchFailures(when);
    case "failure_rate": {
      const { condition, taskEnded } = createFailureRate(when);
      return {
        ...watchState(when, condition),
        taskEnded({ lane, state }, monotonicMs) {
          if (state !== "cancelled") taskEnded(lane, state === "failed", monotonicMs);
        },
      };
    }
    case "queue_older":
      return watchState(when, queueOlder(when));
    case "queue_fuller":
      return watchState(when, queueFuller(when));
    case "target_down":
      return watchState(when, targetDown());
    default:
      return when satisfies never;
  }
}

/**
 * A failure is no state that ends, so there is nothing to resolve. The first is told at once, with those that failed
 * beside it; those that follow within `repeat` are told together when that is over.
 */
function watchFailures(when: AlertCondition): Watch {
  const lanes = new Map<string, { finding: Finding | null; saidAtMs: number | null }>();
  return {
    when,
    taskEnded({ id, lane, state, reason, error }) {
      if (state !== "failed") return;
      const known = lanes.get(lane) ?? { finding: null, saidAtMs: null };
      const before = known.finding?.measure;
      const failed = before?.kind === "task_failed" ? before.failed + 1 : 1;
      known.finding = {
        subject: { kind: "route", name: lane },
        measure: { kind: "task_failed", failed, taskId: id, reason, message: error?.message ?? null },
      };
      lanes.set(lane, known);
    },
    look: ({ repeatMs }, { monotonicMs }) =>
      [...lanes.values()].flatMap((known) => {
        const { finding, saidAtMs } = known;
        if (finding === null || (saidAtMs !== null && monotonicMs - saidAtMs < repeatMs)) return [];
        known.finding = null;
        known.saidAtMs = monotonicMs;
        return [{ state: "raised", finding, forMs: 0 }];
      }),
  };
}

/** It must be over for so long before that is said: what comes and goes is one alert, not a pair a minute. */
const CALM_MS = 30_000;

interface Standing {
  finding: StateFinding;
  readonly sinceMs: number;
  saidAtMs: number;
  overSinceMs: number | null;
}

function watchState(when: AlertCondition, condition: Condition): Watch {
  const standing = new Map<string, Standing>();

  function note(finding: StateFinding, repeatMs: number, nowMs: number): readonly Statement[] {
    const key = keyOf(finding.subject);
    const known = standing.get(key);
    if (known === undefined) {
      standing.set(key, { finding, sinceMs: nowMs, saidAtMs: nowMs, overSinceMs: null });
      return [{ state: "raised", finding, forMs: 0 }];
    }
    known.finding = finding;
    known.overSinceMs = null;
    if (nowMs - known.saidAtMs < repeatMs) return [];
    known.saidAtMs = nowMs;
    return [{ state: "raised", finding, forMs: nowMs - known.sinceMs }];
  }

  function noteOver(key: string, known: Standing, calmMs: number, nowMs: number): readonly Statement[] {
    known.overSinceMs ??= nowMs;
    if (nowMs - known.overSinceMs < calmMs) return [];
    standing.delete(key);
    return [{ state: "resolved", finding: known.finding, forMs: known.overSinceMs - known.sinceMs }];
  }

  return {
    when,
    taskEnded() {},
    look(rule, view) {
      const { repeatMs } = rule;
      const { monotonicMs: nowMs } = view;
      const findings = condition(rule, view);
      const present = new Set(findings.map(({ subject }) => keyOf(subject)));
      // Who wants to hear of it again sooner wants to hear sooner that it is over.
      const calmMs = Math.min(CALM_MS, repeatMs);
      return [
        ...findings.flatMap((finding) => note(finding, repeatMs, nowMs)),
        ...[...standing].flatMap(([key, known]) =>
          present.has(key) ? [] : noteOver(key, known, calmMs, nowMs),
        ),
      ];
    },
  };
}
