import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../lib/clock.ts";
import { toProblem } from "../lib/problem.ts";

/** An announced body up to this size is read past after a refusal, so that the connection can serve the next request. */
const SKIPPED_BODY_BYTES = 64 * 1024;
/** How long an unwanted body is read past, in all and without a byte, before the connection is closed on it. */
const LINGER_MS = 30_000;
const LINGER_SILENCE_MS = 2_000;

export interface Refusal {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly error: unknown;
  /** Close the connection afterwards in any case: where this request ends may be in doubt. */
  readonly close: boolean;
}

/**
 * Answers a request with a problem. When its body is still on the way the answer goes out at once, complete, and what
 * arrives is thrown away until the client stops: closing on unread bytes makes the kernel send a reset, which can
 * destroy the answer before the client has read it (RFC 9112 9.6).
 */
export function refuse({ request, response, error, close }: Refusal, clock: Clock): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = toProblem(error);
  const payload = JSON.stringify(body);
  const fields = Object.entries(headers).flat();
  fields.push("Content-Length", String(Buffer.byteLength(payload)));

  const unread = hasBody(request) && !request.complete;
  if (!unread || (!close && isSkippable(request))) {
    if (close) fields.push("Connection", "close");
    response.writeHead(status, fields);
    response.end(payload);
    return;
  }
  fields.push("Connection", "close");
  response.writeHead(status, fields);
  // A response to HEAD has no body whose writing would send the head.
  if (request.method === "HEAD") response.flushHeaders();
  else response.write(payload);
  linger(request, response, clock);
}

/** Whether a body follows the head (RFC 9112 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return (length !== undefined && length !== "0") || headers["transfer-encoding"] !== undefined;
}

function isSkippable({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  // Who sent Expect may send the body or leave it out, so the next request could begin at either place.
  return length !== undefined && Number(length) <= SKIPPED_BODY_BYTES && headers.expect === undefined;
}

function linger(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  const cancel = clock.after(LINGER_MS, finish);
  // With listeners of its own gone, whatever still comes is thrown away.
  request.removeAllListeners("data");
  request.once("end", finish);
  request.once("error", finish);
  response.once("timeout", finish);
  request.socket.setTimeout(LINGER_SILENCE_MS);
  request.resume();

  function finish(): void {
    cancel();
    response.end();
  }
}
