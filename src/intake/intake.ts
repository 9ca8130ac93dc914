import type { IncomingMessage, ServerResponse } from "node:http";
import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import { type Language, preferredLanguage } from "../lib/language.ts";
import type { Accepted, BodySink, BodyStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { askAgainSeconds } from "../task/receipt.ts";
import { type Body, EMPTY_BODY, type NewTask } from "../task/task.ts";
import { readBody } from "./body.ts";
import { type Directives, readDirectives, refuseFarFuture } from "./directives.ts";
import { createOriginReader, type Origin } from "./forwarded.ts";
import type { Keeper } from "./keep.ts";
import { newTask } from "./new-task.ts";
import { hasBody, refuse } from "./refuse.ts";
import type { Router } from "./router.ts";
import { sendReceipt } from "./send-receipt.ts";
import { hasPassed } from "./via.ts";

/** The way in: a request becomes a durable task and its client is told so, or is told why not. */
export interface Intake {
  /** Takes a request that the edge found well-formed, and answers it in every case. */
  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
}

export interface IntakeSettings {
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
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Told of errors that clients are not told of. */
  readonly onUnexpected: (error: unknown) => void;
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

/** Bodies that may be on their way at once: each holds memory and maybe a file, however slowly it comes. */
const UPLOADS_AT_ONCE = 1_000;

/**
 * A request goes straight through: admit → read → keep → answer. Whatever can be known without its body is checked
 * first. A place in the queue is taken only when the body is whole: slow uploads must not keep others out.
 */
export function createIntake(settings: IntakeSettings): Intake {
  const { keeper, clock } = settings;
  const readOrigin = createOriginReader(settings.trustedProxies);
  const receive = (): BodySink => settings.receive(settings.maxBodyBytes);
  let uploads = 0;

  async function accept(arrival: Arrival, lane: LaneConfig | null): Promise<void> {
    const { request } = arrival;
    if (lane === null) throw new HeadgateError("no_route", "No route matches this request.");
    admit(request, settings);
    const directives = readDirectives(request.rawHeaders, lane);
    refuseFarFuture(directives, clock.now());
    const origin = readOrigin(request);
    keeper.admit(lane, startLimitMs(directives, lane, clock.now()));
    const body = await read(arrival);
    if (body === null) return;
    const { weightOf } = settings;
    const id = settings.newId();
    const task = newTask(request, { id, now: clock.now(), lane, directives, origin, body, weightOf });
    answer(arrival, task, origin, await keeper.keep(task, lane));
  }

  /** The request's body, or null when its client left. */
  async function read({ request, response, expectsContinue }: Arrival): Promise<Body | null> {
    if (!hasBody(request)) return EMPTY_BODY;
    if (uploads >= UPLOADS_AT_ONCE) throw tooManyUploads();
    uploads++;
    if (expectsContinue) response.writeContinue();
    try {
      const received = await readBody(request, receive, clock);
      if (received === null || !request.socket.destroyed) return received;
      await settings.discard(received);
      return null;
    } finally {
      uploads--;
    }
  }

  function answer(
    { request, response }: Arrival,
    task: NewTask,
    origin: Origin,
    { position }: Accepted,
  ): void {
    const etaSeconds = position === null ? null : settings.etaSeconds(task.lane, position);
    const waitSeconds = task.notBefore === null ? etaSeconds : (task.notBefore - task.createdAt) / 1_000;
    sendReceipt(response, {
      id: task.id,
      language: preferredLanguage(request.headers["accept-language"], settings.locale),
      controlPrefix: settings.controlPrefix,
      origin: origin.host ? `${origin.scheme}://${origin.host}` : "",
      position,
      etaSeconds,
      retryAfterSeconds: askAgainSeconds(waitSeconds),
      retryOf: null,
    });
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
      accept(arrival, lane).catch((error: unknown) => turnAway(arrival, lane, error));
    },
  };
}

/**
 * Within what time a task has to begin that stands at the end of the line; null for no limit, and where nobody can tell: a
 * task that is due later meets another line, and one above the lane's usual priority passes most of this one.
 */
function startLimitMs(asked: Directives, { priority }: LaneConfig, now: number): number | null {
  const isDue = (asked.delayMs ?? 0) === 0 && (asked.notBefore ?? 0) <= now;
  return isDue && asked.priority <= priority ? asked.startWithinMs : null;
}

/** In place of a lane's name, for what no lane takes. */
const NO_LANE = "-";

function tooManyUploads(): HeadgateError {
  return new HeadgateError("queue_full", `${UPLOADS_AT_ONCE} request bodies are on their way at once.`, {
    retryAfterSeconds: 1,
  });
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
