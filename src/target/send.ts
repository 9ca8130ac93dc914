import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Clock } from "../lib/clock.ts";
import type { AbortReason, Exchange } from "../task/exchange.ts";
import type { Body, ClaimedTask, RawHeaders, StoredRequest } from "../task/task.ts";
import { type Connection, openConnection } from "./connection.ts";
import { brokenOff, failed, neverSent } from "./ending.ts";
import { countDown, forwardableHeaders, isAtItsEnd, type Pseudonym, viaEntry } from "./headers.ts";
import { type AnswerSink, Sending, type SendingContext } from "./sending.ts";

/** What is to be sent: a claimed task, or as much of one as an attempt needs. */
export type Outgoing = Pick<ClaimedTask, "lease" | "request" | "attempt" | "timeoutMs">;

export interface Sender {
  /**
   * Sends a request once and answers what became of it; never rejects. `timeoutMs` covers everything from this call to
   * the last byte of the answer. The signal's reason is an `AbortReason`.
   */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Exchange>;
  /** Lets what is under way end (abort it by its signals to be quick) and closes the connections. */
  close(): Promise<void>;
}

export interface SenderSettings {
  /** Base URL of the target; its path is put before every path. */
  readonly base: URL;
  readonly pseudonym: Pseudonym;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  /** The fields by which the target can tell how far its work is: where to, and with what right. */
  readonly progressFields: (taskId: string, attempt: number) => RawHeaders;
  /** Send the client's own `Host` on instead of the target's. */
  readonly preserveHost: boolean;
  readonly receive: (maxBytes: number) => AnswerSink;
  readonly readBody: (body: Body) => Readable;
  readonly clock: Clock;
}

/**
 * The way to one target. How many requests it sees at once is for the caller to say: each `send` has a connection to
 * itself, taken from those that are free, the latest used first so that the others fall idle and close.
 */
export function createSender(settings: SenderSettings): Sender {
  const { base, clock, maxResponseBytes, readBody, receive } = settings;
  const basePath = base.pathname.replace(/\/+$/, "");
  const target = base.origin + basePath;
  const via = viaEntry(settings.pseudonym);
  const all: Connection[] = [];
  const free: Connection[] = [];
  let closing: Promise<void> | null = null;
  const context: SendingContext = {
    target,
    clock,
    newSink: () => receive(maxResponseBytes),
    release: (connection) => free.push(connection),
  };

  function takeConnection(): Connection {
    const unused = free.pop();
    if (unused !== undefined) return unused;
    const connection = openConnection(settings);
    all.push(connection);
    return connection;
  }

  /** What can be said without trying. */
  function refuse(request: StoredRequest, signal: AbortSignal): Exchange | null {
    if (signal.aborted) return brokenOff(target, signal.reason as AbortReason, false);
    if (closing !== null) return brokenOff(target, "interrupted", false);
    const isSendable = isOriginForm(request.path) && !isAtItsEnd(request);
    return isSendable ? null : neverSent(target, "http_request_error");
  }

  return {
    send(outgoing, signal) {
      const { request, timeoutMs } = outgoing;
      const refusal = refuse(request, signal);
      if (refusal !== null) return Promise.resolve(refusal);
      return new Promise((resolve) => {
        try {
          const upload = request.body.kind === "file" ? upstream(readBody(request.body)) : null;
          const options = dispatchOptions(outgoing, upload, basePath, via, settings);
          new Sending(context, takeConnection(), options, upload, timeoutMs, signal, resolve).start();
        } catch (thrown) {
          resolve(failed(target, thrown, false, 0));
        }
      });
    },
    close() {
      closing ??= Promise.all(all.map(({ client }) => client.close())).then(() => {});
      return closing;
    },
  };
}

/**
 * RFC 9112 3.2.1. Whatever else can stand in a request line (`http://evil/`, `evil:443`, `*`) may name another origin to
 * whom reads it, and so does `//evil/` once it is resolved against a base. undici refuses what is not \x21-\xff.
 */
function isOriginForm(path: string): boolean {
  return path.charCodeAt(0) === 0x2f && path.charCodeAt(1) !== 0x2f;
}

/** An error that comes when the exchange is over has nobody left to tell. */
function upstream(body: Readable): Readable {
  return body.on("error", () => {});
}

/** undici reads `servername`, though its types do not name it here. */
interface DispatchOptions extends Dispatcher.DispatchOptions {
  servername?: string;
}

function dispatchOptions(
  { lease, request, attempt }: Outgoing,
  upload: Readable | null,
  basePath: string,
  via: string,
  { base, preserveHost, progressFields }: SenderSettings,
): DispatchOptions {
  const { method, path, body } = request;
  const headers = forwardableHeaders(request.headers, preserveHost);
  countDown(method, headers);
  headers.push("Via", via, "Headgate-Task-Id", lease.taskId, "Headgate-Attempt", String(attempt));
  headers.push(...progressFields(lease.taskId, attempt));
  // undici says the length of bytes by itself, and also that of an empty POST, PUT or PATCH (RFC 9110 8.6).
  if (body.kind === "file") headers.push("Content-Length", String(body.sizeBytes));
  const options: DispatchOptions = {
    path: basePath + path,
    method,
    headers,
    body: body.kind === "inline" ? body.bytes : upload,
  };
  // Otherwise undici takes the TLS name from `Host`, and makes a new connection for each that a client thinks of.
  if (preserveHost && base.protocol === "https:") options.servername = base.hostname;
  return options;
}
