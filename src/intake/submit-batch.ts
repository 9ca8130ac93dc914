import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import { mapInTurns } from "../lib/turns.ts";
import { type BodyStore, type IdempotencyStore, INLINE_BODY_BYTES, type Store } from "../store/store.ts";
import { type Caller, confinedTo } from "../task/caller.ts";
import type { Charge } from "../task/charge.ts";
import type { TaskEvents } from "../task/event.ts";
import { type Body, type Dedupe, EMPTY_BODY, type NewTask } from "../task/task.ts";
import type { CallbacksFor } from "./callbacks.ts";
import { clientNameOf } from "./client-name.ts";
import { readDirectives, refuseFarFuture } from "./directives.ts";
import { createOriginReader } from "./forwarded.ts";
import { readIdempotencyKey, refuseMismatch, scopedKey } from "./idempotency.ts";
import type { Keeper } from "./keep.ts";
import { newTask } from "./new-task.ts";
import type { Router } from "./router.ts";
import { type Message, toMessage, type WrittenRequest } from "./written-request.ts";

/** Makes tasks of several requests at once: all of them, or none. */
export type SubmitBatch = (call: BatchCall) => Promise<SubmittedBatch>;

export interface BatchCall {
  /** The call that has the requests in its body. */
  readonly request: IncomingMessage;
  readonly caller: Caller;
  /** One at least. */
  readonly requests: readonly WrittenRequest[];
}

export interface SubmittedBatch {
  readonly id: string;
  /** In the order of the requests; without those that have been deleted, for a batch that came before. */
  readonly taskIds: readonly string[];
  readonly isReplay: boolean;
  /** How it stands with what its client may use. */
  readonly quotaFields: Readonly<Record<string, string>>;
}

export interface BatchSettings {
  readonly laneFor: Router;
  /** Whether a request of this method and target is for Headgate itself. */
  readonly isControl: (method: string, target: string) => boolean;
  readonly keeper: Keeper;
  readonly receive: BodyStore["receive"];
  readonly discard: BodyStore["discard"];
  readonly findKey: IdempotencyStore["find"];
  readonly list: Store["list"];
  readonly idempotencyTtlMs: number;
  readonly accepting: () => HeadgateError | null;
  readonly weightOf: (client: string) => number;
  readonly callbacksFor: CallbacksFor;
  readonly charge: (caller: Caller, tasks: number) => Charge;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly newId: () => string;
  readonly clock: Clock;
  readonly trustedProxies: readonly string[];
  readonly maxBodyBytes: number;
}

/** As many as a batch may have. */
const MOST_TASKS = 1_000;

/**
 * The way in for many: read all → keep all. Each request is what it would be by itself; what is wrong with one names its index,
 * and nothing is written before all are read.
 */
export function createSubmitBatch(settings: BatchSettings): SubmitBatch {
  const { keeper, clock } = settings;
  const readOrigin = createOriginReader(settings.trustedProxies);

  return async (call) => {
    const { request, caller, requests } = call;
    const reason = settings.accepting();
    if (reason !== null) throw reason;
    refuseDirectives(request);
    const now = clock.now();
    const client = confinedTo(caller) ?? caller.client ?? readOrigin(request).address;
    const dedupe = identifyBatch(request, client, requests, now + settings.idempotencyTtlMs);
    const before = dedupe && (await settings.findKey(dedupe.key, now));
    if (before) return repeat(call, before.subject, before.fingerprint === dedupe?.fingerprint);

    const id = settings.newId();
    const drafts = await mapInTurns(requests, (written, index) =>
      atIndex(index, () => read(written, call, id, now)),
    );
    const lanes = drafts.map(({ lane }) => lane);
    const charge = settings.charge(caller, drafts.length);
    try {
      const tasks = await withBodies(drafts);
      const answer = await keeper.keepAll({ id, client, createdAt: now, tasks, dedupe }, lanes);
      if ("duplicateOf" in answer) return repeat(call, answer.duplicateOf, answer.isSame);
      return { id, taskIds: tasks.map((task) => task.id), isReplay: false, quotaFields: charge.fields };
    } finally {
      charge.done();
    }
  };

  function read(written: WrittenRequest, { request, caller }: BatchCall, batch: string, now: number): Draft {
    const { bytes } = written;
    if (bytes.byteLength > settings.maxBodyBytes) {
      const message = `A body may be ${settings.maxBodyBytes} bytes at most.`;
      throw new HeadgateError("body_too_large", message, { field: "body" });
    }
    const message = toMessage(written, request);
    const lane = laneFor(message, written);
    const directives = inHeaders(() => readDirectives(written.headers, lane));
    inHeaders(() => refuseFarFuture(directives, now));
    const origin = readOrigin(message);
    const task = inHeaders(() =>
      newTask(message, {
        id: settings.newId(),
        now,
        lane,
        directives,
        origin,
        caller,
        client: clientNameOf(caller, directives.client, origin.address),
        body: EMPTY_BODY,
        dedupe: null,
        weightOf: settings.weightOf,
        callbacks: settings.callbacksFor(lane, directives.callback),
      }),
    );
    return { lane, bytes, task: { ...task, batch } };
  }

  function laneFor({ headers }: Message, { method, path }: WrittenRequest): LaneConfig {
    if (settings.isControl(method, path)) throw noPath("is Headgate's own, and not forwarded");
    const lane = settings.laneFor(method, path, headers.host);
    if (lane === null) throw noPath("matches no route");
    return lane;
  }

  /** Small bodies travel with their tasks; large ones become files, which are gone when one of them fails. */
  async function withBodies(drafts: readonly Draft[]): Promise<readonly NewTask[]> {
    const tasks: NewTask[] = [];
    try {
      for (const { task, bytes } of drafts) {
        const body = await store(bytes);
        tasks.push({ ...task, request: { ...task.request, body } });
      }
      return tasks;
    } catch (error) {
      for (const { request } of tasks) await settings.discard(request.body);
      throw error;
    }
  }

  async function store(bytes: Uint8Array): Promise<Body> {
    if (bytes.byteLength === 0) return EMPTY_BODY;
    if (bytes.byteLength <= INLINE_BODY_BYTES) return { kind: "inline", bytes };
    const sink = settings.receive(settings.maxBodyBytes);
    try {
      await sink.write(bytes);
      return await sink.finish();
    } catch (error) {
      await sink.abort();
      throw error;
    }
  }

  async function repeat({ request }: BatchCall, id: string, isSame: boolean): Promise<SubmittedBatch> {
    refuseMismatch(isSame, request);
    const taskIds: string[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const from = after === undefined ? {} : { after };
      const page = await settings.list({ batch: id, ...from, limit: MOST_TASKS });
      taskIds.push(...page.tasks.map((task) => task.id));
      after = page.next;
    }
    if (taskIds.length === 0) {
      throw new HeadgateError("gone", `This batch came before; the tasks of ${id} were deleted.`);
    }
    settings.emit("request.repeated", { id, lane: null });
    return { id, taskIds: taskIds.toReversed(), isReplay: true, quotaFields: {} };
  }
}

/** A task whose body is not stored yet. */
interface Draft {
  readonly lane: LaneConfig;
  readonly task: NewTask;
  readonly bytes: Uint8Array;
}

/** They say how one request is treated: each has its own. Ignored, they would be a promise that is broken in silence. */
function refuseDirectives({ headers }: IncomingMessage): void {
  const found = Object.keys(headers).find((name) => name.startsWith("headgate-") && !OF_THE_CALL.has(name));
  if (found === undefined) return;
  const message = `${found} belongs into the headers of each request of a batch.`;
  throw new HeadgateError("invalid_request", message, { field: found });
}

const OF_THE_CALL: ReadonlySet<string> = new Set(["headgate-key", "headgate-idempotency-key"]);

/** A batch has no lane; its key means nothing for single requests. */
function identifyBatch(
  request: IncomingMessage,
  client: string,
  requests: readonly WrittenRequest[],
  expiresAt: number,
): Dedupe | null {
  const { headers } = request;
  const key =
    readIdempotencyKey(headers["headgate-idempotency-key"], "Headgate-Idempotency-Key") ??
    readIdempotencyKey(headers["idempotency-key"]);
  if (key === null) return null;
  const hash = createHash("sha256");
  for (const { method, path, bytes } of requests) {
    hash.update(`${method} ${path} ${bytes.byteLength} `).update(bytes);
  }
  return { key: scopedKey(["batch", client, key]), fingerprint: hash.digest("base64url"), expiresAt };
}

function noPath(why: string): HeadgateError {
  return new HeadgateError("invalid_request", `The path ${why}.`, { field: "path" });
}

/** What names a header field of a request names a member of `headers` in a batch. */
function inHeaders<T>(read: () => T): T {
  return renaming(read, (error) => ({ field: error.field && `headers.${error.field}` }));
}

function atIndex<T>(index: number, read: () => T): T {
  return renaming(read, ({ field }) => ({
    index,
    field: `requests[${index}]${field === undefined ? "" : `.${field}`}`,
  }));
}

function renaming<T>(
  read: () => T,
  place: (error: HeadgateError) => { readonly field?: string | undefined; readonly index?: number },
): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HeadgateError)) throw error;
    const { field, ...rest } = place(error);
    throw new HeadgateError(error.code, error.message, {
      ...rest,
      ...(field === undefined ? {} : { field }),
      cause: error,
    });
  }
}
