import type { IncomingMessage, ServerResponse } from "node:http";
import type { LaneConfig } from "../config/config.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Duplicate } from "../store/acceptance.ts";
import type { Found, IdempotencyStore } from "../store/store.ts";
import type { Caller } from "../task/caller.ts";
import { type Charge, NO_CHARGE } from "../task/charge.ts";
import type { TaskEvents } from "../task/event.ts";
import { askAgainSeconds, type Receipt } from "../task/receipt.ts";
import { type Body, type Callback, type Dedupe, EMPTY_BODY, isFinal } from "../task/task.ts";
import type { CallbacksFor } from "./callbacks.ts";
import { linkOrigin } from "./forwarded.ts";
import { createHeadReader, type Head, type HeadSettings } from "./head.ts";
import { type Identity, identify, refuseMismatch } from "./idempotency.ts";
import { createInlineAnswers, type InlineSettings } from "./inline-answer.ts";
import type { Keeper } from "./keep.ts";
import { forget, type Kept } from "./kept.ts";
import { newTask } from "./new-task.ts";
import { withoutWait } from "./prefer.ts";
import type { Router } from "./router.ts";
import { sendReceipt } from "./send-receipt.ts";
import { expectStill, type SubmitterSettings } from "./still.ts";
import { turnAway } from "./turn-away.ts";
import { type Arrival, createUploadReader, type UploadSettings } from "./uploads.ts";

/** The way in: a request becomes a durable task and its client is told so, or is told why not. */
export interface Intake {
  /** Takes a request that the edge found well-formed, and answers it in every case. */
  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
}

export interface IntakeSettings extends InlineSettings, HeadSettings, UploadSettings, SubmitterSettings {
  /** The lane that a request belongs to; null when no route matches it. */
  readonly laneFor: Router;
  readonly keeper: Keeper;
  readonly findKey: IdempotencyStore["find"];
  readonly idempotencyTtlMs: number;
  /** Seconds until the task at this place in line will be done; null when unknown. */
  readonly etaSeconds: (lane: string, position: number) => number | null;
  /** The share of a client by its name; 1 is usual. */
  readonly weightOf: (client: string) => number;
  readonly callbacksFor: CallbacksFor;
  /** Takes from the quota of a caller; throws `quota_exceeded`. */
  readonly charge: (caller: Caller, tasks: number) => Charge;
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Cancels a task whose client has left and asked for that. */
  readonly cancel: (id: string) => Promise<unknown>;
  readonly newId: () => string;
  readonly controlPrefix: string;
  readonly locale: Language;
}

/**
 * A request goes straight through: admit → read → keep → (wait) → answer. Whatever can be known without its body is checked
 * first. A place in the queue is taken only when the body is whole: slow uploads must not keep others out.
 */
export function createIntake(settings: IntakeSettings): Intake {
  const { keeper, clock } = settings;
  const inline = createInlineAnswers(settings);
  const readHead = createHeadReader(settings);
  const readUpload = createUploadReader(settings);

  async function take(arrival: Arrival, lane: LaneConfig | null): Promise<void> {
    let caller: Caller | null = null;
    let kept: Kept | null = null;
    try {
      caller = settings.submitterOf(arrival.request, lane);
      kept = await accept(arrival, lane, caller);
    } catch (error) {
      turnAway({ arrival, lane, caller, error }, settings);
    }
    if (kept !== null) answer(arrival.response, kept);
  }

  /** Null when the client left before its task was kept. */
  async function accept(arrival: Arrival, lane: LaneConfig | null, caller: Caller): Promise<Kept | null> {
    const { request } = arrival;
    const head = readHead(request, lane, caller);
    const identity = identify(request, head.client, head.lane.name);
    const before = identity && (await settings.findKey(identity.key, clock.now()));
    // What came before takes no place and calls nobody, so that neither a full queue nor another configuration hides it.
    const entry = before === null ? enter(head) : NO_ENTRY;
    try {
      return await receive(arrival, head, identity, before, entry);
    } finally {
      entry.charge.done();
    }
  }

  /** The rest, while the places that it needs are held. */
  async function receive(
    arrival: Arrival,
    head: Head,
    identity: Identity | null,
    before: Awaited<ReturnType<IntakeSettings["findKey"]>>,
    entry: Entry,
  ): Promise<Kept | null> {
    const body = await readUpload(arrival, head.lane.name, identity?.through);
    if (body === null) return null;
    if (body !== EMPTY_BODY) await expectStill(settings, arrival.request, head, body);
    const fingerprint = identity?.fingerprint(body) ?? "";
    if (before !== null) {
      await settings.discard(body);
      const isSame = before.fingerprint === fingerprint;
      return repeat(arrival, head, { duplicateOf: before.subject, isSame });
    }
    const expiresAt = clock.now() + settings.idempotencyTtlMs;
    const dedupe = identity && { key: identity.key, fingerprint, expiresAt };
    return await keep(arrival, head, body, dedupe, entry);
  }

  function enter({ lane, caller, directives }: Head): Entry {
    const callbacks = settings.callbacksFor(lane, directives.callback);
    keeper.admit(lane);
    return { callbacks, charge: settings.charge(caller, 1) };
  }

  async function keep(
    arrival: Arrival,
    head: Head,
    body: Body,
    dedupe: Dedupe | null,
    { callbacks, charge }: Entry,
  ): Promise<Kept> {
    const { lane, directives, preference, origin } = head;
    const id = settings.newId();
    const now = clock.now();
    const ours = { id, now, body, dedupe, callbacks, weightOf: settings.weightOf };
    const task = newTask(arrival.request, { ...head, ...ours });
    const dueInMs = task.notBefore === null ? null : task.notBefore - task.createdAt;
    // No answer can come before the task is due.
    const wait = (dueInMs ?? 0) < preference.waitMs ? inline.wait(id, arrival.response, head) : null;
    const accepted = await keeper.keep(task, lane);
    if ("duplicateOf" in accepted) {
      // Nobody waits for what was not kept.
      wait?.leave();
      return repeat(arrival, head, accepted);
    }
    return {
      id,
      lane: lane.name,
      state: "pending",
      language: languageOf(arrival.request),
      origin: linkOrigin(origin),
      position: accepted.position,
      dueInSeconds: dueInMs === null ? null : dueInMs / 1_000,
      preference: wait === null ? withoutWait(preference) : preference,
      wait,
      quotaFields: charge.fields,
      cancelWhenLeft: directives.cancelWhenLeft,
    };
  }

  /** What a request is told that came before: the same, as far as its task has come by now. */
  async function repeat({ request, response }: Arrival, head: Head, before: Duplicate): Promise<Kept> {
    refuseMismatch(before.isSame, request);
    const { preference, origin } = head;
    const id = before.duplicateOf;
    // Waits already, so that an end in between is not missed.
    const wait = preference.waitMs > 0 ? inline.wait(id, response, head) : null;
    const found = await settings.find(id);
    if (found === null)
      throw new HeadgateError("gone", `This request came before; its task ${id} was deleted.`);
    response.setHeader("Idempotent-Replayed", "true");
    const { lane, state } = found.task;
    if (isFinal(state)) wait?.leave();
    settings.emit("request.repeated", { id, lane });
    return {
      id,
      lane,
      state,
      language: languageOf(request),
      origin: linkOrigin(origin),
      position: found.position,
      dueInSeconds: null,
      preference: wait === null ? withoutWait(preference) : preference,
      wait,
      quotaFields: NO_CHARGE.fields,
      // It is the first one's to cancel.
      cancelWhenLeft: false,
    };
  }

  function answer(response: ServerResponse, kept: Kept): void {
    if (kept.wait === null) return tell(response, kept, null);
    forget(response.req);
    // Nothing awaits this: each function that stands still holds its own.
    kept.wait.over.then(() => answerWaiting(response, kept)).catch(settings.onUnexpected);
  }

  async function answerWaiting(response: ServerResponse, kept: Kept): Promise<void> {
    const end = await inline.answer(kept.id, response, kept.preference);
    if (end.kind === "unanswered") tell(response, kept, end.found);
    else if (end.kind === "left" && kept.cancelWhenLeft) await settings.cancel(kept.id);
  }

  /** Gives a client its receipt; `found` is where its task stands by now, when it has waited. */
  function tell(response: ServerResponse, kept: Kept, found: Found | null): void {
    const position = found === null ? kept.position : found.position;
    const etaSeconds = position === null ? null : settings.etaSeconds(kept.lane, position);
    const receipt: Receipt = {
      id: kept.id,
      status: found?.task.state ?? kept.state,
      language: kept.language,
      controlPrefix: settings.controlPrefix,
      origin: kept.origin,
      position,
      etaSeconds,
      retryAfterSeconds: askAgainSeconds(found === null ? (kept.dueInSeconds ?? etaSeconds) : etaSeconds),
      retryOf: null,
    };
    sendReceipt(response, receipt, kept.preference.appliedToReceipt, kept.quotaFields);
  }

  function languageOf({ headers }: IncomingMessage): Language {
    return preferredLanguage(headers["accept-language"], settings.locale);
  }

  return {
    handle(request, response, expectsContinue) {
      const arrival = { request, response, expectsContinue };
      const lane = settings.laneFor(request.method as string, request.url as string, request.headers.host);
      take(arrival, lane).catch(settings.onUnexpected);
    },
  };
}

/** What is held for a request whose task there was not, and who is told of the end of that. */
interface Entry {
  readonly charge: Charge;
  readonly callbacks: readonly Callback[];
}

const NO_ENTRY: Entry = Object.freeze({ charge: NO_CHARGE, callbacks: [] });
