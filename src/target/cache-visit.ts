import type { Dispatcher } from "undici";
import type { Clock } from "../lib/clock.ts";
import { type AbortReason, type Exchange, FROM_CACHE } from "../task/exchange.ts";
import type { Body, ClaimedTask } from "../task/task.ts";
import {
  type Answer,
  type Fields,
  isForAll,
  keepBody,
  STALE_AT,
  statusOf,
  storedHeaders,
  withStatus,
} from "./cache-answer.ts";
import { answerWith, type Caller, type CallOptions, Unanswered } from "./cache-call.ts";
import type { Place } from "./cache-place.ts";
import type { GuardedStore } from "./cache-store.ts";
import { answered } from "./ending.ts";
import { failure } from "./failure.ts";
import type { AnswerSink } from "./sending.ts";

/**
 * How a visit to the cache ended:
 *  - an exchange
 *  - `again`  the request it waited for was broken off: the next to ask is the one that calls the target
 *  - `alone`  the answer it waited for is not for others, or the cache failed: this request needs a call of its own
 */
export type Outcome = Exchange | "again" | "alone";

export interface VisitSettings {
  readonly newSink: () => AnswerSink;
  readonly copyBody: (body: Body) => Promise<Body>;
  readonly discardBody: (body: Body) => Promise<void>;
  /** Whether a field is a secret, by its name in any case. */
  readonly isSecret: (name: string) => boolean;
  readonly clock: Clock;
}

/**
 * One request at the cache, as undici's handler. It is answered by one of three:
 *  - a call of its own (`call` is set), whatever undici makes of that
 *  - the cache
 *  - the call of another request that is just like it, for which it waits
 */
export class Visit implements Dispatcher.DispatchHandler, Caller {
  readonly task: ClaimedTask;
  readonly place: Place;
  readonly store: GuardedStore;
  readonly signal: AbortSignal;
  call: Promise<Answer> | null = null;
  private readonly isPrivate: boolean;
  private readonly settings: VisitSettings;
  private readonly outcome: PromiseWithResolvers<Outcome> = Promise.withResolvers();
  private isOver = false;
  /** What another's call gave. */
  private shared: Answer | null = null;
  private status = 0;
  private fields: Fields = {};
  private readonly chunks: Buffer[] = [];

  constructor(caller: Omit<Caller, "call">, isPrivate: boolean, settings: VisitSettings) {
    this.task = caller.task;
    this.place = caller.place;
    this.store = caller.store;
    this.signal = caller.signal;
    this.isPrivate = isPrivate;
    this.settings = settings;
  }

  async enter(dispatch: Dispatcher.Dispatch, options: Dispatcher.DispatchOptions): Promise<Outcome> {
    try {
      dispatch({ ...options, caller: this } as CallOptions, this);
    } catch {
      this.end("alone");
    }
    // The caller of the target keeps the deadline and obeys the signal by itself.
    if (this.call !== null) {
      const answer = await this.call;
      return withStatus(answer.exchange, statusOf(answer, false));
    }
    if (!this.isOver) this.place.giveBack();
    return this.wait();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, fields: Fields): void {
    this.shared = answerWith(fields) ?? null;
    this.status = status;
    this.fields = fields;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.call === null && this.shared === null) this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.call !== null || this.isOver) return;
    if (this.shared === null) void this.takeStored();
    else this.share(this.shared);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.call !== null || this.isOver) return;
    const answer = error instanceof Unanswered ? error.answer : this.shared;
    if (answer === null) this.end("alone");
    else this.share(answer);
  }

  private async wait(): Promise<Outcome> {
    const { signal, task, settings } = this;
    const onAbort = (): void => this.end(leftWaiting(signal.reason as AbortReason));
    const cancelDeadline = settings.clock.after(task.timeoutMs, () => this.end(TOO_LATE));
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    try {
      return await this.outcome.promise;
    } finally {
      cancelDeadline();
      signal.removeEventListener("abort", onAbort);
    }
  }

  private end(outcome: Outcome): void {
    this.isOver = true;
    this.outcome.resolve(outcome);
  }

  private async takeStored(): Promise<void> {
    try {
      const headers = storedHeaders(this.fields);
      const { age, [STALE_AT]: staleAt } = this.fields;
      if (typeof age === "string") headers.push("Age", age);
      const body = await keepBody(this.chunks, this.settings.newSink);
      const ttlSeconds = Math.floor((Number(staleAt) - this.settings.clock.now()) / 1_000);
      // Without a stored answer this is undici's 504 to `only-if-cached` (RFC 9111 5.2.1.7).
      const status = staleAt === undefined ? "detail=only-if-cached" : `hit; ttl=${ttlSeconds}`;
      await this.endWith(ofAnother(withStatus(answered(FROM_CACHE, this.status, headers, body), status)));
    } catch {
      this.end("alone");
    }
  }

  private share(answer: Answer): void {
    const { exchange } = answer;
    if (answer.isBrokenOff) this.end("again");
    else if (exchange.kind !== "answered") this.end(exchange);
    else if (!isForAll(exchange.response.headers, this.isPrivate, this.settings.isSecret)) this.end("alone");
    else {
      answer.copies.push(this.takeCopy(exchange, statusOf(answer, true)));
    }
  }

  private async takeCopy(exchange: Exchange & { kind: "answered" }, status: string): Promise<void> {
    try {
      const { target, response } = exchange;
      const body = await this.settings.copyBody(response.body);
      await this.endWith(
        ofAnother(withStatus(answered(target, response.status, response.headers, body), status)),
      );
    } catch {
      this.end("alone");
    }
  }

  /** A body that nobody waits for any more has no owner. */
  private async endWith(exchange: Exchange): Promise<void> {
    if (!this.isOver) this.end(exchange);
    else if (exchange.kind === "answered") await this.settings.discardBody(exchange.response.body);
  }
}

const TOO_LATE: Exchange = Object.freeze({
  kind: "unknown",
  target: null,
  error: failure("http_response_timeout", "The target"),
});

function leftWaiting(reason: AbortReason): Exchange {
  return reason === "interrupted"
    ? { kind: reason, target: null, sent: false }
    : { kind: "cancelled", target: null };
}

/** No call was made for it. */
function ofAnother(exchange: Exchange): Exchange {
  return exchange.kind === "answered" ? { ...exchange, isOwn: false } : exchange;
}
