import { type IncomingMessage, METHODS, validateHeaderName, validateHeaderValue } from "node:http";
import { HeadgateError } from "../lib/error.ts";
import { headerValue } from "../task/header.ts";
import type { RawHeaders } from "../task/task.ts";
import { isForwardingField } from "./forwarded.ts";
import { findTargetFault } from "./origin-form.ts";

/**
 * A request that did not come over HTTP by itself: a client wrote it down in the body of another. Whoever has read that body
 * has refused a head that is too large, and before it looked at the fields: there may be millions.
 */
export interface WrittenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  readonly bytes: Uint8Array;
}

/** What the way in reads of a request. */
export type Message = Pick<IncomingMessage, "method" | "url" | "headers" | "rawHeaders" | "socket">;

/**
 * A written request as if it had come by itself, from the client of the call that has it in its body and by the same proxies.
 * No parser of node:http has seen it, so it is checked here for what that and the edge refuse: whatever is in it is written
 * on a wire later. Throws what is wrong with it, by member.
 */
export function toMessage({ method, path, headers }: WrittenRequest, call: IncomingMessage): Message {
  if (!SENDABLE.has(method)) throw invalid("method", `${method} is no method that can be forwarded.`);
  const fault = findTargetFault(method, path);
  if (fault !== null) throw invalid("path", fault);
  checkFields(headers);

  const { host } = call.headers;
  const rawHeaders = host === undefined ? [] : ["Host", host];
  for (let i = 0; i + 1 < call.rawHeaders.length; i += 2) {
    const name = call.rawHeaders[i] as string;
    if (isForwardingField(name)) rawHeaders.push(name, call.rawHeaders[i + 1] as string);
  }
  rawHeaders.push(...headers);
  return {
    method,
    url: path,
    // Those by which proxies say whose call it is are the call's, and so is nothing else.
    headers: { ...call.headers, "idempotency-key": headerValue(headers, "idempotency-key") },
    rawHeaders,
    socket: call.socket,
  };
}

const SENDABLE: ReadonlySet<string> = new Set(
  METHODS.filter((method) => method !== "CONNECT" && method !== "SOURCE"),
);

function checkFields(headers: RawHeaders): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      throw invalid(fieldOf(name), `${JSON.stringify(name)} is no header field as HTTP has them.`, cause);
    }
    // CGI and WSGI read `Content_Length` and `Content-Length` as the same variable.
    const normal = name.toLowerCase().replaceAll("_", "-");
    if (NOT_THEIRS.has(normal) || normal.startsWith("proxy-") || isForwardingField(name)) {
      const message = `${name} cannot be set on a request of a batch: ${RESERVED}`;
      throw invalid(fieldOf(name), message);
    }
  }
}

/** Fields of a connection or of framing (RFC 9110 7.6.1, RFC 9112 6), which a request in a body does not have, and the key: it is the call's. */
const NOT_THEIRS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "headgate-key",
  "host",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const RESERVED = "it belongs to the call as a whole, or Headgate writes it itself.";

function fieldOf(name: string): string {
  return `headers.${name}`;
}

function invalid(field: string, message: string, cause?: unknown): HeadgateError {
  return new HeadgateError("invalid_request", message, { field, cause });
}
