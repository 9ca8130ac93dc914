import { type ErrorCode, HeadgateError } from "./error.ts";

/** An error as an HTTP answer (RFC 9457), as plain data: the way in and the control API each write it in their manner. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody;
}

/** `success` and `message` are the founding API's shape of a failure; the rest is RFC 9457 3.1 and its extensions. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly field?: string;
  readonly index?: number;
  readonly task_status?: string;
  readonly success: false;
  readonly message: string;
}

/**
 * What an error means over HTTP. Only a `HeadgateError` speaks for itself: the message of anything else may hold a
 * path, a query or a secret, so the client is told no more than `internal`; whoever calls this logs the original.
 */
export function toProblem(error: unknown): Problem {
  const known = error instanceof HeadgateError ? error : UNEXPECTED;
  const { status, title, proxyStatus } = MEANINGS[known.code];
  const headers: Record<string, string> = {
    "Content-Type": "application/problem+json",
    // An error is about this moment; RFC 9111 4.2.2 would let a cache keep a 404 or a 410.
    "Cache-Control": "no-store",
    ...known.headers,
  };
  if (known.retryAfterSeconds !== undefined)
    headers["Retry-After"] = String(Math.ceil(known.retryAfterSeconds));
  if (proxyStatus !== null) headers["Proxy-Status"] = `headgate; error=${proxyStatus}`;
  const body: ProblemBody = {
    type: `urn:headgate:problem:${known.code}`,
    title,
    status,
    detail: known.message,
    code: known.code,
    ...(known.field === undefined ? {} : { field: known.field }),
    ...(known.index === undefined ? {} : { index: known.index }),
    ...(known.taskStatus === undefined ? {} : { task_status: known.taskStatus }),
    success: false,
    message: known.message,
  };
  return { status, headers, body };
}

const UNEXPECTED = new HeadgateError(
  "internal",
  "Headgate met an unexpected error. The log has the details.",
);

interface Meaning {
  readonly status: number;
  readonly title: string;
  /** RFC 9209 2.3; null where Headgate answers as itself and stands between nobody. */
  readonly proxyStatus: ProxyErrorType | null;
}

type ProxyErrorType =
  | "http_request_denied"
  | "destination_not_found"
  | "http_request_error"
  | "proxy_internal_response"
  | "proxy_internal_error"
  | "proxy_loop_detected";

const MEANINGS: Readonly<Record<ErrorCode, Meaning>> = Object.freeze({
  invalid_request: meaning(400, "Invalid request", "http_request_error"),
  not_found: meaning(404, "Not found", null),
  unauthorized: meaning(401, "Key wanted", "http_request_denied"),
  forbidden: meaning(403, "Forbidden", "http_request_denied"),
  cross_site: meaning(403, "Cross-site request refused", "http_request_denied"),
  no_route: meaning(404, "No route", "destination_not_found"),
  method_not_allowed: meaning(405, "Method not allowed", null),
  request_timeout: meaning(408, "Request timed out", "http_request_error"),
  conflict: meaning(409, "Conflict", null),
  gone: meaning(410, "Gone", null),
  body_too_large: meaning(413, "Body too large", "http_request_error"),
  unsupported_media_type: meaning(415, "Unsupported media type", "http_request_error"),
  range_not_satisfiable: meaning(416, "Range not satisfiable", null),
  expectation_failed: meaning(417, "Expectation failed", "http_request_error"),
  idempotency_mismatch: meaning(422, "Idempotency-Key used for another request", "http_request_error"),
  quota_exceeded: meaning(429, "Quota exceeded", "http_request_denied"),
  headers_too_large: meaning(431, "Header fields too large", "http_request_error"),
  internal: meaning(500, "Internal error", "proxy_internal_error"),
  not_implemented: meaning(501, "Not implemented", "http_request_error"),
  not_ready: meaning(503, "Not ready", null),
  queue_full: meaning(503, "Queue full", "proxy_internal_response"),
  start_within_unmet: meaning(503, "No start in time", "proxy_internal_response"),
  too_many_clients: meaning(503, "Too many clients", null),
  shutting_down: meaning(503, "Shutting down", "proxy_internal_response"),
  storage_busy: meaning(503, "Storage busy", "proxy_internal_error"),
  storage_failed: meaning(503, "Storage failed", "proxy_internal_error"),
  version_not_supported: meaning(505, "HTTP version not supported", "http_request_error"),
  storage_full: meaning(507, "Storage full", "proxy_internal_response"),
  loop_detected: meaning(508, "Loop detected", "proxy_loop_detected"),
});

function meaning(status: number, title: string, proxyStatus: ProxyErrorType | null): Meaning {
  return Object.freeze({ status, title, proxyStatus });
}
