import { HeadgateError, toError } from "../lib/error.ts";
import type { AbortReason, Exchange } from "../task/exchange.ts";
import type { Body, RawHeaders } from "../task/task.ts";
import { failure, type FailureCode, failureOf } from "./failure.ts";

/** The ways an exchange ends, one constructor each. */

export function answered(target: string, status: number, headers: RawHeaders, body: Body): Exchange {
  return { kind: "answered", target, response: { status, headers, body } };
}

export function unknown(target: string, code: FailureCode): Exchange {
  return { kind: "unknown", target, error: failure(code, target) };
}

export function neverSent(target: string, code: FailureCode): Exchange {
  return { kind: "never_sent", target, error: failure(code, target) };
}

/** Something threw. `status` is 0 until the target's is known. */
export function failed(target: string, cause: unknown, sent: boolean, status: number): Exchange {
  const error = failureOf(toError(cause), target, status > 0);
  return { kind: sent ? "unknown" : "never_sent", target, error };
}

/** The answer has no place: it is too large, or the disk is full or broken. */
export function notKept(target: string, cause: unknown, status: number): Exchange {
  const tooLarge = cause instanceof HeadgateError && cause.code === "body_too_large";
  if (!tooLarge) return failed(target, cause, true, status);
  return { kind: "too_large", target, status, error: failure("http_response_body_size", target) };
}

export function brokenOff(target: string | null, reason: AbortReason, sent: boolean): Exchange {
  return reason === "interrupted" ? { kind: reason, target, sent } : { kind: "cancelled", target };
}

export function postponed(reason: "queued" | "retry_backoff", until: number | null): Exchange {
  return { kind: "postponed", target: null, reason, until };
}
