import type { Exchange } from "./exchange.ts";
import { headerValue } from "./header.ts";
import type { Settlement } from "./settlement.ts";
import type { Attempt, AttemptOutcome, ClaimedTask, Reason, StoredResponse, TaskError } from "./task.ts";
import { complete, fail, interrupt, retry, standDown } from "./transition.ts";

/** When and how often an attempt is repeated. */
export interface RetryPolicy {
  /** The target refused to act, so repeating is safe for every method (RFC 6585 4, RFC 9110 15.6.4). */
  readonly refusedStatuses: ReadonlySet<number>;
  /** A gateway in between does not know whether the target acted; repeated only when idempotent (RFC 9110 15.6.3, 15.6.5). */
  readonly unsureStatuses: ReadonlySet<number>;
  readonly backoff: { readonly initialMs: number; readonly maxMs: number };
  /** A longer `Retry-After` is cut to this. */
  readonly longestRetryAfterMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = Object.freeze({
  refusedStatuses: new Set([429, 503]),
  unsureStatuses: new Set([502, 504]),
  backoff: Object.freeze({ initialMs: 1_000, maxMs: 60_000 }),
  longestRetryAfterMs: 3_600_000,
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
  policy: RetryPolicy,
  moment: Moment,
): Settlement {
  const { now } = moment;
  switch (exchange.kind) {
    case "answered":
      return decideAnswered(task, exchange.target, exchange.response, policy, moment);
    case "never_sent": {
      const attempt = ended(task, exchange.target, "never_sent", now, null, exchange.error);
      // It would be refused again, however often it is tried.
      if (exchange.error.code === "http_request_error") {
        return fail(task, attempt, "unsendable", exchange.error, null, now);
      }
      return mayRepeat(task)
        ? retry(task, attempt, "retry_backoff", exchange.error, now + backoffMs(task, policy, moment), now)
        : fail(task, attempt, "connect_failed", exchange.error, null, now);
    }
    case "unknown": {
      const attempt = ended(task, exchange.target, "unknown", now, null, exchange.error);
      return task.idempotent && mayRepeat(task)
        ? retry(
            task,
            attempt,
            retryReason(exchange.error),
            exchange.error,
            now + backoffMs(task, policy, moment),
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
    default:
      return exchange satisfies never;
  }
}

function decideAnswered(
  task: ClaimedTask,
  target: string,
  response: StoredResponse,
  policy: RetryPolicy,
  moment: Moment,
): Settlement {
  const { now } = moment;
  const { status } = response;
  if (status < 400) return complete(task, ended(task, target, "answered", now, status, null), response, now);

  const error: TaskError = { code: "target_error", message: `The target answered with status ${status}.` };
  const attempt = ended(task, target, "answered", now, status, error);
  const repeatable =
    policy.refusedStatuses.has(status) || (policy.unsureStatuses.has(status) && task.idempotent);
  if (!repeatable || !mayRepeat(task)) return fail(task, attempt, "target_error", error, response, now);

  const askedForMs = Math.min(retryAfterMs(response, now) ?? 0, policy.longestRetryAfterMs);
  return retry(
    task,
    attempt,
    "retry_backoff",
    error,
    now + Math.max(askedForMs, backoffMs(task, policy, moment)),
    now,
  );
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

/** Exponential backoff with full jitter. */
function backoffMs(task: ClaimedTask, policy: RetryPolicy, moment: Moment): number {
  const ceiling = Math.min(policy.backoff.maxMs, policy.backoff.initialMs * 2 ** (task.attempt - 1));
  return Math.ceil(moment.random * ceiling);
}

function mayRepeat(task: ClaimedTask): boolean {
  return task.attempt < task.maxAttempts;
}

function unknownReason(error: TaskError): Reason {
  return error.code === "http_response_timeout" ? "timeout" : "outcome_unknown";
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
