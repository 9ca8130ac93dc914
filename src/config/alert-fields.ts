import { boolean, duration, integer } from "./kind.ts";
import { name, share } from "./rules.ts";
import { type Found, list, record, type Shape, value } from "./shape.ts";

/** What the file says of what people want to be told. */
export interface WrittenAlert {
  readonly name: string;
  readonly when: WrittenCondition;
  readonly routes: readonly Found<string>[];
  readonly notify: readonly Found<string>[];
  readonly repeat: number;
}

/** One of these. */
export interface WrittenCondition {
  readonly task_failed: boolean | null;
  readonly failure_rate: WrittenFailureRate | null;
  readonly queue_older: number | null;
  readonly queue_fuller: number | null;
  readonly target_down: boolean | null;
}

export interface WrittenFailureRate {
  readonly above: number;
  readonly window: number;
  readonly at_least: number;
}

const FAILURE_RATE: Shape<WrittenFailureRate> = record<WrittenFailureRate>({
  above: {
    shape: value(share()),
    required: true,
    text: "share of the tasks that ended and failed",
    example: "20%",
  },
  window: { shape: value(duration(1_000, "24h")), default: "5m", text: "time looked at", example: "10m" },
  at_least: {
    shape: value(integer(1, 1_000_000)),
    default: 20,
    text: "tasks that must have ended in that time",
    example: 50,
  },
});

const CONDITION: Shape<WrittenCondition> = record<WrittenCondition>({
  task_failed: {
    shape: value(boolean()),
    default: null,
    unset: "not watched",
    text: "a task failed; many are told as one message",
    example: true,
  },
  failure_rate: {
    shape: FAILURE_RATE,
    default: null,
    unset: "not watched",
    text: "too many failed lately",
    example: { above: "20%", window: "5m" },
  },
  queue_older: {
    shape: value(duration(1_000)),
    default: null,
    unset: "not watched",
    text: "the first in line has waited longer",
    example: "10m",
  },
  queue_fuller: {
    shape: value(share()),
    default: null,
    unset: "not watched",
    text: "more of the queue is taken",
    example: "80%",
  },
  target_down: {
    shape: value(boolean()),
    default: null,
    unset: "not watched",
    text: "a target is shut off, by its circuit or its health checks",
    example: true,
  },
});

export const ALERT: Shape<WrittenAlert> = record<WrittenAlert>({
  name: { shape: value(name()), required: true, text: "what messages call it", example: "images-slow" },
  when: {
    shape: CONDITION,
    required: true,
    text: "one condition",
    example: { queue_older: "10m" },
  },
  routes: {
    shape: list(value(name())),
    default: [],
    unset: "all",
    text: "routes it watches",
    example: ["v1-images"],
  },
  notify: {
    shape: list(value(name()), { least: 1 }),
    required: true,
    text: "endpoints out of `webhooks` that get the messages",
    example: ["ops"],
  },
  repeat: {
    shape: value(duration(1_000)),
    default: "1h",
    text: "how long nothing more is said while it stays so",
    example: "15m",
  },
});
