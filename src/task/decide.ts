import type { Exchange } from "./exchange.ts";
import { headerValue } from "./header.ts";
import type { Settlement } from "./settlement.ts";
import type { Attempt, AttemptOutcome, ClaimedTask, Reason, StoredResponse, TaskError } from "./task.ts";
import { complete, fail, interrupt, postpone, retry, standDown } from "./transition.ts";

/** What a route makes of its answers: which of them are failures, and which attempts are repeated. */
export interface AnswerPolicy {
  /** Statuses that fail a task. */
  readonly failOn: ReadonlySet<number>;
  readonly retry: RetryPolicy;
}

/** When an attempt is repeated, as long as attempts are left. */
export interface RetryPolicy {
  /**
   * Statuses; `connect` for what was never sent; `timeout` and `reset` for what was sent and not answered, in time or
   * at all. What may have been acted on is repeated only where that is harmless (RFC 9110 9.2.2): everything but
   * `connect` and the statuses of `REFUSALS`.
   */
  readonly on: ReadonlySet<RetryCause>;
  readonly backoff: Backoff;
  /** A longer `Retry-After` is cut to this. */
  readonly longestRetryAfterMs: number;
}

export type RetryCause = number | "connect" | "timeout" | "reset";

/** Exponential: `initialMs`, doubled with every attempt up to `maxMs`. `full` jitter takes a random part of that. */
export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly jitter: "full" | "none";
}

/** The target refused to act, so repeating is safe for every method (RFC 6585 4, RFC 9110 15.6.4). */
const REFUSALS: ReadonlySet<number> = new Set([429, 503]);

export const DEFAULT_POLICY: AnswerPolicy = Object.freeze({
  failOn: new Set(Array.from({ length: 200 }, (_, i) => 400 + i)),
  retry: Object.freeze({
    on: new Set<RetryCause>(["connect", 429, 502, 503, 504, "timeout", "reset"]),
    backoff: Object.freeze({ initialMs: 1_000, maxMs: 60_000, jitter: "full" }),
    longestRetryAfterMs: 3_600_000,
  }),
});

export interface Moment {
  readonly now: number;
  /** Uniform in [0, 1), for jitter. */
  readonly random: number;
}

/**
 * What follows from an exchange: the one place where an attempt becomes a final state or another try. Pure.
 */
export function decide(
  task: ClaimedTask,
  exchange: Exchange,
  policy: AnswerPolicy,
  moment: Moment,
): Settlement {
  const { now } = moment;
  const { retry: again } = policy;
  switch (exchange.kind) {
    case "answered":
      return decideAnswered(task, exchange.target, exchange.response, policy, moment);
    case "never_sent": {
      const attempt = ended(task, exchange.target, "never_sent", now, null, exchange.error);
      // It would be refused again, however often it is tried.
      if (exchange.error.code === "http_request_error") {
        return fail(task, attempt, "unsendable", exchange.error, null, now);
      }
      return again.on.has("connect") && mayRepeat(task)
        ? retry(task, attempt, "retry_backoff", exchange.error, now + backoffMs(task, again, moment), now)
        : fail(task, attempt, "connect_failed", exchange.error, null, now);
    }
    case "unknown": {
      const attempt = ended(task, exchange.target, "unknown", now, null, exchange.error);
      return task.idempotent && mayRepeat(task) && isRepeated(exchange.error, again)
        ? retry(
            task,
            attempt,
            retryReason(exchange.error),
            exchange.error,
            now + backoffMs(task, again, moment),
            now,
          )
        : fail(task, attempt, unknownReason(exchange.error), exchange.error, null, now);
    }
    case "too_large": {
      const attempt = ended(task, exchange.target, "answered", now, exchange.status, exchange.error);
      return fail(task, attempt, "response_too_large", exchange.error, null, now);
    }
    case "interrupted": {
      if (!exchange.sent) return interrupt(task, null, now);
      const attempt = ended(task, exchange.target, "interrupted", now, null, INTERRUPTED);
      return task.idempotent && mayRepeat(task)
        ? interrupt(task, attempt, now)
        : fail(task, attempt, "outcome_unknown", INTERRUPTED, null, now);
    }
    case "cancelled":
      return standDown(task, ended(task, exchange.target, "cancelled", now, null, null), now);
    case "postponed":
      return postpone(task, exchange.reason, exchange.until, now);
    default:
      return exchange satisfies never;
  }
}

function decideAnswered(
  task: ClaimedTask,
  target: string,
  response: StoredResponse,
  { failOn, retry: again }: AnswerPolicy,
  moment: Moment,
): Settlement {
  const { now } = moment;
  const { status } = response;
  const error: TaskError = { code: "target_error", message: `The target answered with status ${status}.` };
  if (again.on.has(status) && (REFUSALS.has(status) || task.idempotent) && mayRepeat(task)) {
    const askedForMs = Math.min(retryAfterMs(response, now) ?? 0, again.longestRetryAfterMs);
    const waitMs = Math.max(askedForMs, backoffMs(task, again, moment));
    const attempt = ended(task, target, "answered", now, status, error);
    return retry(task, attempt, "retry_backoff", error, now + waitMs, now);
  }
  return failOn.has(status)
    ? fail(task, ended(task, target, "answered", now, status, error), "target_error", error, response, now)
    : complete(task, ended(task, target, "answered", now, status, null), response, now);
}

/** The node that ran the attempt is gone; its request may have been sent (promise 3). */
export const NODE_LOST: TaskError = Object.freeze({
  code: "node_lost",
  message: "Headgate ended while the target was working on this request.",
});

const INTERRUPTED: TaskError = Object.freeze({
  code: "interrupted",
  message: "Headgate was stopped while the target was working on this request.",
});

/** `Retry-After` as a wait in ms: seconds or an HTTP-date (RFC 9110 10.2.3); null when absent or malformed. */
export function retryAfterMs(response: StoredResponse, now: number): number | null {
  const value = headerValue(response.headers, "retry-after")?.trim();
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function backoffMs(task: ClaimedTask, { backoff }: RetryPolicy, { random }: Moment): number {
  const ceiling = Math.min(backoff.maxMs, backoff.initialMs * 2 ** (task.attempt - 1));
  return backoff.jitter === "full" ? Math.ceil(random * ceiling) : ceiling;
}

function mayRepeat(task: ClaimedTask): boolean {
  return task.attempt < task.maxAttempts;
}

/** An end of this node is no fault of the target's, so that no route has a say in it. */
function isRepeated(error: TaskError, { on }: RetryPolicy): boolean {
  return error.code === NODE_LOST.code || on.has(causeOf(error));
}

function causeOf(error: TaskError): "timeout" | "reset" {
  return error.code === "http_response_timeout" ? "timeout" : "reset";
}

function unknownReason(error: TaskError): Reason {
  return causeOf(error) === "timeout" ? "timeout" : "outcome_unknown";
}

function retryReason(error: TaskError): "retry_backoff" | "node_lost" {
  return error.code === NODE_LOST.code ? "node_lost" : "retry_backoff";
}

function ended(
  task: ClaimedTask,
  target: string | null,
  outcome: AttemptOutcome,
  endedAt: number,
  status: number | null,
  error: TaskError | null,
): Attempt {
  return { number: task.attempt, target, startedAt: task.startedAt, endedAt, outcome, status, error };
}
