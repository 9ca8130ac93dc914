import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Cancel, Clock } from "../lib/clock.ts";
import type { AbortReason, Exchange } from "../task/exchange.ts";
import { type Body, EMPTY_BODY } from "../task/task.ts";
import type { Connection } from "./connection.ts";
import { answered, brokenOff, failed, neverSent, notKept, unknown } from "./ending.ts";
import { storableResponseHeaders } from "./headers.ts";

/** Where the body of an answer goes. */
export interface AnswerSink {
  /** Resolves to undefined at once while there is room; otherwise to a promise to wait for. Throws `body_too_large`. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  finish(): Promise<Body>;
  /** Forgets what was written. */
  abort(): Promise<void>;
}

/** What all sendings to one target have in common. */
export interface SendingContext {
  /** The target as messages and records name it. */
  readonly target: string;
  readonly clock: Clock;
  readonly newSink: () => AnswerSink;
  /** Takes a connection back: undici is done with the request it carried. */
  readonly release: (connection: Connection) => void;
}

/** A target that answers `102` without end outlives every idle time-out; no honest one sends this many. */
const MAX_INFORMATIONAL_RESPONSES = 32;

/**
 * One request on its way, as undici's handler: a class, because ten thousand are made in a second.
 *
 * `resolve` is called once, when one of these has happened:
 *  - answered: the answer is complete and stored
 *  - broken off before undici began to write (`onRequestStart`): from then on it refuses to begin
 *  - broken off or failed later, and the socket is closed: the target has lost it before its slot is given away
 *
 * undici tells the moment of writing exactly: `onRequestStart` runs just before the first `socket.write`. With
 * `pipelining: 1` a request once written is never written again, not even a GET: the one path that puts a request back
 * in line (`UND_ERR_INFO` in client-h1.js) is reached only by requests that were aborted, and it drops those.
 */
export class Sending implements Dispatcher.DispatchHandler, EventListenerObject {
  private readonly context: SendingContext;
  private readonly connection: Connection;
  private readonly request: Dispatcher.DispatchOptions;
  /** The request's body when it is streamed. */
  private readonly upload: Readable | null;
  private readonly signal: AbortSignal;
  private readonly deadlineMs: number;
  private readonly resolve: (exchange: Exchange) => void;
  private cancelDeadline: Cancel;
  private controller: Dispatcher.DispatchController | null = null;
  private sent = false;
  private dispatchedAgain = false;
  private informational = 0;
  private status = 0;
  private headers: readonly string[] = [];
  private sink: AnswerSink | null = null;
  /** The answer is complete, and nothing can break this off any more. */
  private answered = false;
  /** How it ended otherwise. */
  private ended: Exchange | null = null;

  constructor(
    context: SendingContext,
    connection: Connection,
    request: Dispatcher.DispatchOptions,
    upload: Readable | null,
    timeoutMs: number,
    signal: AbortSignal,
    resolve: (exchange: Exchange) => void,
  ) {
    this.context = context;
    this.connection = connection;
    this.request = request;
    this.upload = upload;
    this.signal = signal;
    this.resolve = resolve;
    this.deadlineMs = context.clock.monotonicMs() + timeoutMs;
    this.cancelDeadline = context.clock.after(timeoutMs, () => this.onTimer());
    signal.addEventListener("abort", this);
  }

  start(): void {
    this.connection.client.dispatch(this.request, this);
  }

  /** The signal's `abort`. */
  handleEvent(): void {
    this.breakOff(brokenOff(this.context.target, this.signal.reason as AbortReason, this.sent));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown here, undici forgets the request and keeps the connection, of which no byte was used.
    if (this.ended !== null) throw new Error("broken off before it was sent");
    this.controller = controller;
    // A streamed request leaves with the first piece of its body.
    this.sent = this.upload === null;
  }

  onBodySent(): void {
    this.sent = true;
  }

  onRequestSent(): void {
    this.sent = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    fields: IncomingHttpHeaders,
  ): void {
    if (this.ended !== null) return;
    this.sent = true;
    // Nobody asked for another coding (RFC 9112 7.4), and undici only takes the chunks apart.
    if ((fields["transfer-encoding"]?.trim().toLowerCase() ?? "chunked") !== "chunked") {
      return this.breakOff(unknown(this.context.target, "http_response_transfer_coding"));
    }
    if (status >= 200 && status <= 599) {
      this.status = status;
      this.headers = storableResponseHeaders(controller.rawHeaders as Buffer[]);
      return;
    }
    // RFC 9110 15.2: any number of 1xx may come first, but no change of protocol that nobody asked for (15.2.2).
    this.informational += 1;
    if (status >= 102 && status <= 199 && this.informational <= MAX_INFORMATIONAL_RESPONSES) return;
    this.breakOff(unknown(this.context.target, "http_protocol_error"));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // After a pause undici delivers empty pieces: a sink that answers those with another pause would never see a next one.
    if (this.ended !== null || chunk.length === 0) return;
    try {
      this.sink ??= this.context.newSink();
      const room = this.sink.write(chunk);
      if (room === undefined) return;
      controller.pause();
      room.then(
        () => this.onRoom(controller),
        (thrown: unknown) => this.breakOff(notKept(this.context.target, thrown, this.status)),
      );
    } catch (thrown) {
      this.breakOff(notKept(this.context.target, thrown, this.status));
    }
  }

  onResponseEnd(): void {
    if (this.ended !== null) return;
    // An answer that only the end of the connection delimits (RFC 9112 6.3) is complete for undici also when that end
    // was a reset, and then nobody knows what is missing.
    if (this.connection.socket?.errored) {
      this.fail(unknown(this.context.target, "http_response_incomplete"));
      this.afterClose();
      return;
    }
    this.answered = true;
    this.stopWatching();
    this.context.release(this.connection);
    if (this.sink === null)
      this.resolve(answered(this.context.target, this.status, this.headers, EMPTY_BODY));
    else this.store(this.sink);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.answered) return;
    if (this.controller !== null) {
      if (this.ended === null) this.fail(failed(this.context.target, error, this.sent, this.status));
      this.afterClose();
    } else if (this.ended !== null) {
      this.context.release(this.connection);
    } else if (this.connection.socket?.errored === error && !this.dispatchedAgain) {
      // The connection was lost while it was idle, and undici blames whoever is next in line, unsent.
      this.dispatchedAgain = true;
      setImmediate(() => this.start());
    } else {
      this.fail(failed(this.context.target, error, this.sent, this.status));
      this.afterClose();
    }
  }

  private onTimer(): void {
    const { target, clock } = this.context;
    const leftMs = this.deadlineMs - clock.monotonicMs();
    // A timer may come early, and cannot be longer than 25 days.
    if (leftMs > 0) this.cancelDeadline = clock.after(Math.ceil(leftMs), () => this.onTimer());
    else if (this.sent) this.breakOff(unknown(target, "http_response_timeout"));
    else this.breakOff(neverSent(target, "connection_timeout"));
  }

  private onRoom(controller: Dispatcher.DispatchController): void {
    if (this.ended === null && !this.answered) controller.resume();
  }

  /** Ends the sending at once, if its end is still open. */
  private breakOff(exchange: Exchange): void {
    if (this.ended !== null || this.answered) return;
    this.fail(exchange);
    if (this.controller === null) {
      this.connection.connecting?.destroy(new Error("nobody waits for this connection any more"));
      this.resolve(exchange);
    } else {
      // Calls `onResponseError`, and has destroyed the socket when it returns.
      this.controller.abort(new Error("the attempt is broken off"));
    }
  }

  private fail(exchange: Exchange): void {
    this.ended = exchange;
    this.stopWatching();
  }

  private stopWatching(): void {
    this.cancelDeadline();
    this.signal.removeEventListener("abort", this);
    this.upload?.destroy();
  }

  private afterClose(): void {
    const { socket } = this.connection;
    if (this.controller === null || socket === null || socket.closed) void this.clear();
    else socket.once("close", () => void this.clear());
  }

  private async clear(): Promise<void> {
    this.context.release(this.connection);
    try {
      await this.sink?.abort();
    } catch {
      // What remains on the disk changes nothing about what the target did.
    }
    this.resolve(this.ended as Exchange);
  }

  private store(sink: AnswerSink): void {
    const { target } = this.context;
    const notStored = (thrown: unknown): void => this.resolve(notKept(target, thrown, this.status));
    try {
      sink
        .finish()
        .then((body) => this.resolve(answered(target, this.status, this.headers, body)), notStored);
    } catch (thrown) {
      notStored(thrown);
    }
  }
}
