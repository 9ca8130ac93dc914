import type { IncomingMessage, ServerResponse } from "node:http";
import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { BodySink, BodyStore, Found } from "../store/store.ts";
import { type Caller, may } from "../task/caller.ts";
import type { TaskEvents } from "../task/event.ts";
import { askAgainSeconds, type Receipt } from "../task/receipt.ts";
import { type Body, EMPTY_BODY } from "../task/task.ts";
import { readBody } from "./body.ts";
import type { CallbacksFor } from "./callbacks.ts";
import { clientNameOf } from "./client-name.ts";
import { readDirectives, refuseFarFuture } from "./directives.ts";
import { createOriginReader } from "./forwarded.ts";
import { createInlineAnswers, type InlineSettings, type Wait } from "./inline-answer.ts";
import type { Keeper } from "./keep.ts";
import { newTask } from "./new-task.ts";
import { type Preference, readPreference } from "./prefer.ts";
import { hasBody, refuse } from "./refuse.ts";
import type { Router } from "./router.ts";
import { sendReceipt } from "./send-receipt.ts";
import { createUploads } from "./uploads.ts";
import { hasPassed } from "./via.ts";

/** The way in: a request becomes a durable task and its client is told so, or is told why not. */
export interface Intake {
  /** Takes a request that the edge found well-formed, and answers it in every case. */
  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
}

export interface IntakeSettings extends InlineSettings {
  /** The lane that a request belongs to; null when no route matches it. */
  readonly laneFor: Router;
  readonly keeper: Keeper;
  readonly receive: BodyStore["receive"];
  readonly discard: BodyStore["discard"];
  /** Seconds until the task at this place in line will be done; null when unknown. */
  readonly etaSeconds: (lane: string, position: number) => number | null;
  /** Why this node takes nothing in at the moment (`shutting_down`, `storage_full`); null when it does. */
  readonly accepting: () => HeadgateError | null;
  /** The share of a client by its name; 1 is usual. */
  readonly weightOf: (client: string) => number;
  readonly callbacksFor: CallbacksFor;
  /** Who submits a request; throws `unauthorized`. */
  readonly submitterOf: (request: IncomingMessage, lane: LaneConfig | null) => Caller;
  /** Takes from the quota of a caller; throws `quota_exceeded`. */
  readonly charge: (caller: Caller, tasks: number) => Readonly<Record<string, string>>;
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Cancels a task whose client has left and asked for that. */
  readonly cancel: (id: string) => Promise<unknown>;
  readonly newId: () => string;
  readonly clock: Clock;
  /** What this node calls itself in `Via`. */
  readonly viaPseudonym: string;
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  readonly controlPrefix: string;
  readonly maxBodyBytes: number;
  readonly locale: Language;
}

/**
 * A request goes straight through: admit → read → keep → (wait) → answer. Whatever can be known without its body is checked
 * first. A place in the queue is taken only when the body is whole: slow uploads must not keep others out.
 */
export function createIntake(settings: IntakeSettings): Intake {
  const { keeper, clock } = settings;
  const inline = createInlineAnswers(settings);
  const readOrigin = createOriginReader(settings.trustedProxies);
  const receive = (): BodySink => settings.receive(settings.maxBodyBytes);
  const uploads = createUploads();

  async function take(arrival: Arrival, lane: LaneConfig | null): Promise<void> {
    let kept: Kept | null = null;
    try {
      kept = await accept(arrival, lane);
    } catch (error) {
      turnAway(arrival, lane, error);
    }
    if (kept !== null) await answer(arrival, kept);
  }

  /** Null when the client left before its task was kept. */
  async function accept(arrival: Arrival, lane: LaneConfig | null): Promise<Kept | null> {
    const { request, response } = arrival;
    const caller = settings.submitterOf(request, lane);
    if (!may(caller, "handle")) throw NO_SUBMITTER;
    if (lane === null) throw new HeadgateError("no_route", "No route matches this request.");
    admit(request, settings);
    const directives = readDirectives(request.rawHeaders, lane);
    refuseFarFuture(directives, clock.now());
    const preference = readPreference(request.headers["prefer"] as string | undefined, lane.waitMs);
    const origin = readOrigin(request);
    const client = clientNameOf(caller, directives.client, origin.address);
    keeper.admit(lane);
    const quotaFields = settings.charge(caller, 1);
    const body = await read(arrival, lane.name);
    if (body === null) return null;
    const { weightOf, callbacksFor } = settings;
    const id = settings.newId();
    const task = newTask(request, {
      id,
      now: clock.now(),
      lane,
      directives,
      origin,
      caller,
      client,
      body,
      weightOf,
      callbacksFor,
    });
    const dueInMs = task.notBefore === null ? null : task.notBefore - task.createdAt;
    // No answer can come before the task is due.
    const wait = (dueInMs ?? 0) < preference.waitMs ? inline.wait(id, response, preference) : null;
    const { position } = await keeper.keep(task, lane);
    return {
      id,
      lane: lane.name,
      origin: origin.host ? `${origin.scheme}://${origin.host}` : "",
      position,
      dueInSeconds: dueInMs === null ? null : dueInMs / 1_000,
      preference,
      wait,
      quotaFields,
      cancelWhenLeft: directives.cancelWhenLeft,
    };
  }

  /** The request's body, or null when its client left. */
  async function read({ request, response, expectsContinue }: Arrival, lane: string): Promise<Body | null> {
    if (!hasBody(request)) return EMPTY_BODY;
    const end = uploads.begin(lane);
    if (expectsContinue) response.writeContinue();
    try {
      const received = await readBody(request, receive, clock);
      if (received === null || !request.socket.destroyed) return received;
      await settings.discard(received);
      return null;
    } finally {
      end();
    }
  }

  async function answer(arrival: Arrival, kept: Kept): Promise<void> {
    if (kept.wait === null) return tell(arrival, kept, null);
    const end = await inline.answer(kept.wait);
    if (end.kind === "unanswered") tell(arrival, kept, end.found);
    else if (end.kind === "left" && kept.cancelWhenLeft) await settings.cancel(kept.id);
  }

  /** Gives a client its receipt; `found` is where its task stands by now, when it has waited. */
  function tell({ request, response }: Arrival, kept: Kept, found: Found | null): void {
    const position = found === null ? kept.position : found.position;
    const etaSeconds = position === null ? null : settings.etaSeconds(kept.lane, position);
    const receipt: Receipt = {
      id: kept.id,
      status: found?.task.state === "processing" ? "processing" : "pending",
      language: preferredLanguage(request.headers["accept-language"], settings.locale),
      controlPrefix: settings.controlPrefix,
      origin: kept.origin,
      position,
      etaSeconds,
      retryAfterSeconds: askAgainSeconds(found === null ? (kept.dueInSeconds ?? etaSeconds) : etaSeconds),
      retryOf: null,
    };
    sendReceipt(response, receipt, kept.preference.appliedToReceipt, kept.quotaFields);
  }

  function turnAway({ request, response }: Arrival, lane: LaneConfig | null, error: unknown): void {
    const code = error instanceof HeadgateError ? error.code : "internal";
    if (code === "internal") settings.onUnexpected(error);
    refuse({ request, response, error, close: false }, clock);
    settings.emit("task.refused", {
      lane: lane?.name ?? NO_LANE,
      method: request.method as string,
      path: request.url as string,
      code,
    });
  }

  return {
    handle(request, response, expectsContinue) {
      const arrival = { request, response, expectsContinue };
      const lane = settings.laneFor(request.method as string, request.url as string, request.headers.host);
      take(arrival, lane).catch(settings.onUnexpected);
    },
  };
}

const NO_SUBMITTER = new HeadgateError("forbidden", "A key with the role read may not submit requests.");

/** In place of a lane's name, for what no lane takes. */
const NO_LANE = "-";

/** What is still needed of a request when its task is kept: little, for it may be needed for a minute. */
interface Kept {
  readonly id: string;
  readonly lane: string;
  /** `http://host`; empty when the client named no host. */
  readonly origin: string;
  readonly position: number | null;
  /** Null for a task that is due already. */
  readonly dueInSeconds: number | null;
  readonly preference: Preference;
  /** Null for a client that gets its receipt at once. */
  readonly wait: Wait | null;
  readonly cancelWhenLeft: boolean;
  /** How it stands with what its client may use. */
  readonly quotaFields: Readonly<Record<string, string>>;
}

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expectsContinue: boolean;
}

/** Throws why a request cannot be taken, as far as its head tells. */
function admit({ headers }: IncomingMessage, settings: IntakeSettings): void {
  const reason = settings.accepting();
  if (reason !== null) throw reason;
  if (hasPassed(headers.via, settings.viaPseudonym)) {
    throw new HeadgateError("loop_detected", "This request has been through this Headgate before (Via).");
  }
  if (Number(headers["content-length"] ?? 0) > settings.maxBodyBytes) {
    throw new HeadgateError("body_too_large", `A body may be ${settings.maxBodyBytes} bytes at most.`);
  }
}
