import { formatDuration } from "../lib/quantity.ts";
import { type Backoff, DEFAULT_POLICY, type RetryCause } from "../task/decide.ts";
import { duration, integer, oneOf } from "./kind.ts";
import { retryCause } from "./rules.ts";
import { type Found, list, record, type Shape, value } from "./shape.ts";

/** What a route says of trying again; null where the options have a say. */
export interface WrittenRetry {
  readonly attempts: number | null;
  readonly on: readonly Found<RetryCause>[];
  readonly backoff: WrittenBackoff;
}

interface WrittenBackoff {
  readonly initial: number;
  readonly max: number | null;
  readonly jitter: Backoff["jitter"];
}

const { on: RETRIED, backoff: BACKOFF_DEFAULTS } = DEFAULT_POLICY.retry;

const BACKOFF = record<WrittenBackoff>({
  initial: {
    shape: value(duration(1)),
    default: formatDuration(BACKOFF_DEFAULTS.initialMs),
    text: "wait before the second attempt; it doubles with each further one",
    example: "1s",
  },
  max: {
    shape: value(duration(1)),
    default: null,
    unset: `\`${formatDuration(BACKOFF_DEFAULTS.maxMs)}\`, or \`initial\` where that is longer`,
    text: "longest wait, unless the target asks for a longer one by Retry-After",
    example: "2m",
  },
  jitter: {
    shape: value(oneOf("full", "none")),
    default: BACKOFF_DEFAULTS.jitter,
    text: "full: a random part of the wait, so that retries do not come together",
    example: "full",
  },
});

export const RETRY: Shape<WrittenRetry> = record<WrittenRetry>({
  attempts: {
    shape: value(integer(1, 100)),
    default: null,
    unset: "that of `--max-attempts`",
    text: "how often a task is tried; 1 for no retries",
    example: 5,
  },
  on: {
    shape: list(value(retryCause())),
    default: [...RETRIED],
    text: "what is tried again: statuses; connect, when nothing was sent; timeout and reset, when no answer came. What the target may have acted on is repeated only where that is harmless",
    example: ["connect", 429, 502, 503, 504, "timeout"],
  },
  backoff: {
    shape: BACKOFF,
    default: {},
    unset: "as the fields below have it",
    text: "how long to wait between attempts",
    example: { initial: "1s", max: "2m", jitter: "full" },
  },
});
