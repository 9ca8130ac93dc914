import type { Language } from "../lib/language.ts";
import type { Finding, Measure, StateFinding, Subject } from "./alert-finding.ts";

/** What people read: a title that says it all, and facts that say how it comes about. */
export interface Words {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, text: string])[];
}

type Facts = Words["facts"];

export function wordsForRaised(finding: Finding, language: Language): Words {
  return { title: RAISED[language](finding), facts: factsOf(finding, language) };
}

export function wordsForResolved(finding: StateFinding, language: Language): Words {
  return { title: RESOLVED[language](finding), facts: [] };
}

/** In the two largest units that there are: `3h 20m`, `3小时20分钟`. */
export function duration(ms: number, language: Language): string {
  const seconds = Math.floor(ms / 1_000);
  const units: readonly (readonly [string, number])[] = [
    ["days", Math.floor(seconds / 86_400)],
    ["hours", Math.floor(seconds / 3_600) % 24],
    ["minutes", Math.floor(seconds / 60) % 60],
    ["seconds", seconds % 60],
  ];
  const first = units.findIndex(([, count]) => count > 0);
  const two = first === -1 ? units.slice(-1) : units.slice(first, first + 2);
  const shown = two.filter(([, count], i) => i === 0 || count > 0);
  const format = new Intl.DurationFormat(language, {
    style: language === "zh" ? "short" : "narrow",
    secondsDisplay: first === -1 ? "always" : "auto",
  });
  return format.format(Object.fromEntries(shown));
}

function percent(share: number): string {
  return new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 }).format(share);
}

const RAISED: Readonly<Record<Language, (finding: Finding) => string>> = {
  en({ subject: { name }, measure }) {
    switch (measure.kind) {
      case "task_failed":
        return measure.failed === 1
          ? `A task of ${name} failed`
          : `${measure.failed} tasks of ${name} failed`;
      case "failure_rate":
        return `${percent(measure.failed / measure.ended)} of the tasks of ${name} fail`;
      case "queue_older":
        return `The next task of ${name} has waited ${duration(measure.waitedMs, "en")}`;
      case "queue_fuller":
        return `The queue of ${name} is ${percent(measure.pending / measure.capacity)} full`;
      case "target_down":
        return `Target ${name} is down`;
      default:
        return measure satisfies never;
    }
  },
  zh({ subject: { name }, measure }) {
    switch (measure.kind) {
      case "task_failed":
        return `${name} 有 ${measure.failed} 个任务失败`;
      case "failure_rate":
        return `${name} 的任务失败率为 ${percent(measure.failed / measure.ended)}`;
      case "queue_older":
        return `${name} 的队首任务已等待 ${duration(measure.waitedMs, "zh")}`;
      case "queue_fuller":
        return `${name} 的队列已占用 ${percent(measure.pending / measure.capacity)}`;
      case "target_down":
        return `目标服务 ${name} 不可用`;
      default:
        return measure satisfies never;
    }
  },
};

const RESOLVED: Readonly<Record<Language, (finding: StateFinding) => string>> = {
  en({ subject: { name }, measure }) {
    switch (measure.kind) {
      case "failure_rate":
        return `No more than ${percent(measure.above)} of the tasks of ${name} fail any more`;
      case "queue_older":
        return `No task of ${name} has waited longer than ${duration(measure.thanMs, "en")} any more`;
      case "queue_fuller":
        return `The queue of ${name} is no more than ${percent(measure.than)} full again`;
      case "target_down":
        return `Target ${name} is up again`;
      default:
        return measure satisfies never;
    }
  },
  zh({ subject: { name }, measure }) {
    switch (measure.kind) {
      case "failure_rate":
        return `${name} 的任务失败率已降回 ${percent(measure.above)} 以内`;
      case "queue_older":
        return `${name} 的队首任务等待时间已降回 ${duration(measure.thanMs, "zh")} 以内`;
      case "queue_fuller":
        return `${name} 的队列占用已降回 ${percent(measure.than)} 以内`;
      case "target_down":
        return `目标服务 ${name} 已恢复`;
      default:
        return measure satisfies never;
    }
  },
};

function factsOf({ subject, measure }: Finding, language: Language): Facts {
  const name = NAMES[language];
  const facts: readonly (readonly [keyof FactNames, string | null])[] = measuredFacts(
    subject,
    measure,
    language,
  );
  return facts.flatMap(([fact, text]) => (text === null ? [] : [[name[fact], text] as const]));
}

function measuredFacts(
  subject: Subject,
  measure: Measure,
  language: Language,
): readonly (readonly [keyof FactNames, string | null])[] {
  switch (measure.kind) {
    case "task_failed":
      return [
        ["reason", measure.reason],
        ["message", measure.message],
        ["task", measure.taskId],
      ];
    case "failure_rate":
      return [
        ["failed", `${measure.failed} / ${measure.ended}`],
        ["window", duration(measure.windowMs, language)],
        ["limit", percent(measure.above)],
      ];
    case "queue_older":
      return [
        ["limit", duration(measure.thanMs, language)],
        ["heldBy", measure.heldBy],
        ["task", measure.taskId],
      ];
    case "queue_fuller":
      return [
        ["pending", `${measure.pending} / ${measure.capacity}`],
        ["limit", percent(measure.than)],
        ["heldBy", measure.heldBy],
      ];
    case "target_down":
      return [
        ["pool", subject.kind === "target" ? subject.pool : null],
        ["circuit", measure.circuit],
        ["health", measure.isHealthy === null ? null : HEALTH[language][measure.isHealthy ? "good" : "bad"]],
        ["message", measure.lastFailure],
      ];
    default:
      return measure satisfies never;
  }
}

const HEALTH: Readonly<Record<Language, { readonly good: string; readonly bad: string }>> = Object.freeze({
  en: { good: "passing", bad: "failing" },
  zh: { good: "通过", bad: "未通过" },
});

/** What facts are called. */
export interface FactNames {
  readonly rule: string;
  readonly since: string;
  readonly lasted: string;
  readonly reason: string;
  readonly message: string;
  readonly task: string;
  readonly failed: string;
  readonly window: string;
  readonly limit: string;
  readonly heldBy: string;
  readonly pending: string;
  readonly pool: string;
  readonly circuit: string;
  readonly health: string;
}

export const NAMES: Readonly<Record<Language, FactNames>> = Object.freeze({
  en: {
    rule: "Rule",
    since: "For",
    lasted: "Lasted",
    reason: "Reason",
    message: "Error",
    task: "Task",
    failed: "Failed",
    window: "Within",
    limit: "Limit",
    heldBy: "Waits for",
    pending: "Pending",
    pool: "Pool",
    circuit: "Circuit",
    health: "Health checks",
  },
  zh: {
    rule: "规则",
    since: "已持续",
    lasted: "持续",
    reason: "原因",
    message: "错误",
    task: "任务",
    failed: "失败",
    window: "时间窗",
    limit: "上限",
    heldBy: "等待",
    pending: "排队",
    pool: "目标组",
    circuit: "熔断器",
    health: "健康检查",
  },
});
