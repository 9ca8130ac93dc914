/**
 * The errors Headgate itself raises. `code` is stable and part of the public contract; clients and tests match on it,
 * never on the message. What each code means over HTTP is decided in one place, `lib/problem.ts`.
 */
export type ErrorCode =
  | "invalid_request"
  | "unauthorized"
  | "forbidden"
  | "cross_site"
  | "quota_exceeded"
  | "idempotency_mismatch"
  | "not_found"
  | "no_route"
  | "method_not_allowed"
  | "conflict"
  | "gone"
  | "body_too_large"
  | "headers_too_large"
  | "request_timeout"
  | "queue_full"
  | "start_within_unmet"
  | "too_many_clients"
  | "not_ready"
  | "shutting_down"
  | "storage_full"
  | "storage_failed"
  | "storage_busy"
  | "loop_detected"
  | "unsupported_media_type"
  | "range_not_satisfiable"
  | "expectation_failed"
  | "version_not_supported"
  | "not_implemented"
  | "internal";

export interface ErrorDetails {
  readonly cause?: unknown;
  /** The request field (query parameter, JSON member, header) that is wrong. */
  readonly field?: string;
  /** Which of several, counted from 0, when one of them is what is wrong. */
  readonly index?: number;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
  /** The state that a task is in, when that is why something cannot be done to it. */
  readonly taskStatus?: string;
  /** More header fields of the answer, such as `RateLimit`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export class HeadgateError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly index: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly taskStatus: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "HeadgateError";
    this.code = code;
    this.field = details.field;
    this.index = details.index;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.taskStatus = details.taskStatus;
    this.headers = details.headers ?? {};
  }
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
