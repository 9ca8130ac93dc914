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
import { hasBody, refuse } from "./refuse.ts";
import { sendReceipt } from "./send-receipt.ts";
import { hasPassed } from "./via.ts";

/** The way in: a request becomes a durable task and its client is told so, or is told why not. */
export interface Intake {
  /** Takes a request that the edge found well-formed, and answers it in every case. */
  handle(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
}

export interface IntakeSettings {
  /** The lane that a request belongs to. */
  readonly laneFor: (method: string, path: string, host: string | undefined) => LaneConfig;
  readonly keeper: Keeper;
  readonly receive: BodyStore["receive"];
  readonly discard: BodyStore["discard"];
  /** Seconds until the task at this place in line will be done; null when unknown. */
  readonly etaSeconds: (lane: string, position: number) => number | null;
  /** Why this node takes nothing in at the moment (`shutting_down`, `storage_full`); null when it does. */
  readonly accepting: () => HeadgateError | null;
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

  async function accept(arrival: Arrival, lane: LaneConfig): Promise<void> {
    const { request } = arrival;
    admit(request, settings);
    const directives = readDirectives(request.rawHeaders, lane);
    refuseFarFuture(directives, clock.now());
    const origin = readOrigin(request);
    keeper.admit(lane);
    const body = await read(arrival);
    if (body === null) return;
    const task = toTask(request, { lane, directives, origin, body, id: settings.newId(), now: clock.now() });
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

  function turnAway({ request, response }: Arrival, lane: LaneConfig, error: unknown): void {
    const code = error instanceof HeadgateError ? error.code : "internal";
    if (code === "internal") settings.onUnexpected(error);
    refuse({ request, response, error, close: false }, clock);
    settings.emit("task.refused", {
      lane: lane.name,
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

interface Parts {
  readonly id: string;
  readonly now: number;
  readonly lane: LaneConfig;
  readonly directives: Directives;
  readonly origin: Origin;
  readonly body: Body;
}

function toTask(request: IncomingMessage, { id, now, lane, directives, origin, body }: Parts): NewTask {
  const method = request.method as string;
  const { delayMs, startWithinMs } = directives;
  const due = Math.max(now, delayMs === null ? (directives.notBefore ?? now) : now + delayMs);
  return {
    id,
    lane: lane.name,
    request: { method, path: request.url as string, headers: origin.headers, body },
    priority: directives.priority,
    client: directives.client ?? origin.address,
    weight: 1,
    labels: directives.labels,
    createdAt: now,
    notBefore: due > now ? due : null,
    startBefore: startWithinMs === null ? null : due + startWithinMs,
    timeoutMs: directives.timeoutMs,
    maxAttempts: directives.maxAttempts,
    idempotent: IDEMPOTENT.has(method) || request.headers["idempotency-key"] !== undefined,
    retryOf: null,
  };
}

/** RFC 9110 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);
