import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/error.ts";
import type { Exchange } from "../task/exchange.ts";
import { headerValue } from "../task/header.ts";
import { type Body, bodySize, type ClaimedTask, type StoredResponse } from "../task/task.ts";
import { type Answer, freshenedHeaders, keepBody, toFields } from "./cache-answer.ts";
import type { StoredAnswer, StoreKey } from "./cache-file.ts";
import type { Place } from "./cache-place.ts";
import type { GuardedStore } from "./cache-store.ts";
import { answered, notKept, unknown } from "./ending.ts";
import type { AnswerSink } from "./sending.ts";

/** Options of undici's, with what its interceptors hand on untouched. */
export interface CallOptions extends Dispatcher.DispatchOptions {
  readonly caller: Caller;
}

/** The request that asks the cache. */
export interface Caller {
  readonly task: ClaimedTask;
  readonly place: Place;
  readonly store: GuardedStore;
  readonly signal: AbortSignal;
  /** Set when the cache has no answer: then this request goes to the target. */
  call: Promise<Answer> | null;
}

export interface CallSettings {
  readonly newSink: () => AnswerSink;
  readonly readBody: (body: Body) => Readable;
  readonly clock: Clock;
}

/** A call without an answer, on its way to those who wait for it. */
export class Unanswered extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super("the target gave no answer");
    this.answer = answer;
  }
}

/** Which fields, by identity, are the answer of a call and do not come out of the cache. */
const answers = new WeakMap<object, Answer>();

export function answerWith(fields: object): Answer | undefined {
  return answers.get(fields);
}

/**
 * The target, as undici's interceptors see it: an exchange played to a handler. Bodies do not pass through here: only
 * what the cache may take is read.
 */
export function createCalls(settings: CallSettings): Dispatcher.Dispatch {
  return (options, handler) => {
    const { caller } = options as CallOptions;
    caller.call = call(options as CallOptions, handler, settings);
    return true;
  };
}

async function call(
  options: CallOptions,
  handler: Dispatcher.DispatchHandler,
  settings: CallSettings,
): Promise<Answer> {
  const { clock } = settings;
  const { task, place, signal, store } = options.caller;
  handler.onRequestStart?.(newController(), null);
  const key = storeKey(options);
  const stored = isRevalidation(key) ? store.get(key) : undefined;
  const isStale = stored === undefined || stored.staleAt <= clock.now() || stored.staleAt <= stored.cachedAt;
  const until = clock.monotonicMs() + task.timeoutMs;
  const given = await place.forward(stored === undefined ? task : conditional(task, key), signal);
  const { exchange, bytes } = await freshened(given, stored, settings);
  const isRevalidated = exchange !== given && exchange.kind === "answered";
  // The stored answer is not the one that the target means.
  if (exchange !== given && !isRevalidated) void store.delete(key);
  const isGiven = exchange.kind === "answered" || exchange.kind === "too_large";
  const answer: Answer = {
    exchange,
    why: stored === undefined ? "uri-miss" : isStale ? "stale" : "request",
    isRevalidated,
    isBrokenOff: !isGiven && (signal.aborted || clock.monotonicMs() >= until),
    isStored: false,
    copies: [],
  };
  await play(answer, bytes, handler, store, settings);
  await Promise.allSettled(answer.copies);
  return answer;
}

function storeKey({ origin, method, path, headers }: CallOptions): StoreKey {
  return { origin: String(origin), method, path, headers: headers as Record<string, string | string[]> };
}

/** Requests with conditions of their own do not come here, so these are undici's. */
function isRevalidation({ headers }: StoreKey): boolean {
  return headers?.["if-modified-since"] !== undefined;
}

function conditional(task: ClaimedTask, { headers: asked = {} }: StoreKey): ClaimedTask {
  const { request } = task;
  const headers = [...request.headers];
  for (const [lower, name] of VALIDATORS) {
    const value = asked[lower];
    if (typeof value === "string") headers.push(name, value);
  }
  return { ...task, request: { ...request, headers } };
}

const VALIDATORS: readonly (readonly [string, string])[] = [
  ["if-none-match", "If-None-Match"],
  ["if-modified-since", "If-Modified-Since"],
];

interface Freshened {
  readonly exchange: Exchange;
  /** Of the body, when they are at hand. */
  readonly bytes: Buffer | null;
}

/**
 * A 304 makes the stored answer fresh (RFC 9111 4.3.4). undici 8.12 would serve it and leave it stale, or forget it when
 * the 304 has a Cache-Control; shown the whole answer, it keeps that anew.
 */
async function freshened(
  exchange: Exchange,
  stored: StoredAnswer | undefined,
  { newSink }: CallSettings,
): Promise<Freshened> {
  if (stored === undefined || exchange.kind !== "answered" || exchange.response.status !== 304) {
    return { exchange, bytes: null };
  }
  const { target, response } = exchange;
  if (!isSameVersion(response, stored)) {
    return { exchange: unknown(target, "http_protocol_error"), bytes: null };
  }
  try {
    const bytes = (stored.body as Buffer | undefined) ?? Buffer.alloc(0);
    const body = await keepBody([bytes], newSink);
    const headers = freshenedHeaders(stored.headers, response.headers);
    return { exchange: answered(target, stored.statusCode, headers, body), bytes };
  } catch (thrown) {
    return { exchange: notKept(target, thrown, response.status), bytes: null };
  }
}

/** A 304 about another version than the one asked for changes nothing stored. */
function isSameVersion({ headers }: StoredResponse, { etag }: StoredAnswer): boolean {
  const said = headerValue(headers, "etag");
  return said === undefined || said.replace(/^W\//, "") === etag?.replace(/^W\//, "");
}

/** Shows undici what came, so that it keeps it and tells those who wait. Nothing here changes what came. */
async function play(
  answer: Answer,
  bytes: Buffer | null,
  handler: Dispatcher.DispatchHandler,
  store: GuardedStore,
  { readBody }: CallSettings,
): Promise<void> {
  const { exchange } = answer;
  const controller = newController();
  try {
    if (exchange.kind !== "answered") throw new Unanswered(answer);
    const { status, headers, body } = exchange.response;
    const fields = toFields(headers, status !== 304 && bodySize(body) <= store.maxEntryBytes);
    answers.set(fields, answer);
    const taken = store.taken;
    handler.onResponseStart?.(controller, status, fields, "");
    answer.isStored = store.taken > taken;
    if (answer.isStored && bodySize(body) > 0) {
      handler.onResponseData?.(controller, bytes ?? (await bytesOf(body, readBody)));
    }
    handler.onResponseEnd?.(controller, {});
  } catch (thrown) {
    answer.isStored = false;
    handler.onResponseError?.(controller, toError(thrown));
  }
}

async function bytesOf(body: Body, readBody: CallSettings["readBody"]): Promise<Buffer> {
  if (body.kind === "inline") {
    return Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength);
  }
  return Buffer.concat((await readBody(body).toArray()) as Buffer[]);
}

/** What came is complete: there is nothing to pause or to abort. */
function newController(): Dispatcher.DispatchController {
  return {
    aborted: false,
    paused: false,
    reason: null,
    rawHeaders: null,
    rawTrailers: null,
    abort: () => {},
    pause: () => {},
    resume: () => {},
  };
}
