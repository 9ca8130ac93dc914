// The control API over a real store in memory, with the other stations played.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { FastifyInstance } from "fastify";
import { type ApiSettings, createControlApi } from "../../src/api/control-api.ts";
import { createStreams } from "../../src/api/sse.ts";
import { type Clock, createClock } from "../../src/lib/clock.ts";
import { createIdSource } from "../../src/lib/id.ts";
import { openStore } from "../../src/store/open.ts";
import type { OpenStore } from "../../src/store/store.ts";
import { ANYONE } from "../../src/task/caller.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import {
  type Attempt,
  type Body,
  type ClaimedTask,
  EMPTY_BODY,
  type NewTask,
  type RawHeaders,
} from "../../src/task/task.ts";
import { complete, fail } from "../../src/task/transition.ts";
import { laneState, targetState } from "../rig/state.ts";

export interface Control {
  readonly app: FastifyInstance;
  readonly store: OpenStore;
  readonly clock: Clock;
  readonly events: readonly { readonly name: keyof TaskEvents; readonly payload: unknown }[];
  readonly unexpected: readonly unknown[];
  readonly woken: readonly string[];
  /** Accepts a task and answers its id. */
  submit(task?: Partial<NewTask>): Promise<string>;
  /** Leases every task that waits. */
  claim(): Promise<readonly ClaimedTask[]>;
  /** Submits, claims and completes a task with this answer. */
  answered(answer: Answer, task?: Partial<NewTask>): Promise<string>;
  failed(code: string, reason?: "timeout" | "connect_failed" | "outcome_unknown"): Promise<string>;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: RawHeaders;
  readonly body?: string | Uint8Array;
}

export const VIEW_OPTIONS: ApiSettings["viewOptions"] = {
  longTaskThresholdMs: 300_000,
  controlPrefix: "",
  targetOf: () => "http://target:8000",
  holdOf: () => null,
  numWorkers: 5,
};

export const UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057";

export async function openControl(t: TestContext, overrides: Partial<ApiSettings> = {}): Promise<Control> {
  const clock = createClock();
  const newId = createIdSource(clock);
  const store = await openStore({
    kind: "memory",
    folder: "",
    onFatal: (error) => {
      throw error;
    },
  });
  t.after(() => store.close());
  const events: { name: keyof TaskEvents; payload: unknown }[] = [];
  const unexpected: unknown[] = [];
  const woken: string[] = [];
  const settings: ApiSettings = {
    find: store.find,
    list: store.list,
    tally: store.tally,
    response: store.response,
    request: store.request,
    amend: store.amend,
    remove: store.remove,
    prune: store.prune,
    readBody: store.bodies.read,
    unseal: (headers) => headers,
    cancel: (id) => store.cancel(id, clock.now()),
    resubmit: async () => null,
    submitBatch: async () => ({ id: UNKNOWN_ID, taskIds: [UNKNOWN_ID], isReplay: false, quotaFields: {} }),
    batches: store.batches,
    waitUntilFinal: () => ({ over: Promise.resolve(), leave() {} }),
    pace: { etaSeconds: (_lane, position) => position * 2, remainingSeconds: () => 7 },
    statistics: () => QUIET,
    running: () => [],
    lanes: () => [laneState()],
    changeLane: async () => false,
    targets: () => [targetState()],
    metrics: async () => ({ type: "text/plain; version=0.0.4; charset=utf-8", text: "# none\n" }),
    readiness: () => null,
    emit: (name, payload) => void events.push({ name, payload }),
    wake: (lane) => void woken.push(lane),
    callerOf: () => ANYONE,
    holderOf: () => "a",
    streams: createStreams({ mostStreams: 100, clock, callerOf: () => ANYONE, holderOf: () => "a" }),
    watch: () => () => {},
    followNews: () => ({ isWhole: true, latest: () => "00000000-0", stop() {} }),
    attemptOf: () => null,
    report: async () => "kept",
    refuseForeignPages: () => {},
    keys: { list: () => [], add: async () => "", remove: async () => false },
    outbox: store.outbox,
    endpoints: () => [],
    testEndpoint: async () => null,
    wakeWebhooks: () => {},
    pages: {
      html: async (name) => `<base href="%BASE%"><p nonce="%NONCE%">${name}</p>`,
      asset: async () => null,
    },
    originOf: ({ headers }) => `http://${headers.host}`,
    onUnexpected: (error) => void unexpected.push(error),
    clock,
    version: "1.2.3",
    startedAt: clock.now(),
    viewOptions: VIEW_OPTIONS,
    locale: "en",
    ...overrides,
  };
  const app = await createControlApi(settings);
  t.after(() => app.close());

  async function submit(task: Partial<NewTask> = {}): Promise<string> {
    const id = newId();
    await store.enqueue({ ...TASK, id, createdAt: clock.now(), ...task }, 1_000);
    return task.id ?? id;
  }

  async function claim(): Promise<readonly ClaimedTask[]> {
    const { tasks } = await store.claim({
      lane: "default",
      node: "n1",
      limit: 100,
      cap: 100,
      now: clock.now(),
    });
    return tasks;
  }

  async function claimOne(task: Partial<NewTask>): Promise<ClaimedTask> {
    const id = await submit(task);
    const claimed = (await claim()).find(({ lease }) => lease.taskId === id);
    if (claimed === undefined) throw new Error("The task was not claimed.");
    return claimed;
  }

  async function keep(bytes: Uint8Array): Promise<Body> {
    if (bytes.byteLength === 0) return EMPTY_BODY;
    const sink = store.bodies.receive(1e9);
    for (let at = 0; at < bytes.byteLength; at += 65_536) await sink.write(bytes.subarray(at, at + 65_536));
    return sink.finish();
  }

  return {
    app,
    store,
    clock,
    events,
    unexpected,
    woken,
    submit,
    claim,
    async answered({ status = 200, headers = [], body = "" }, task = {}) {
      const claimed = await claimOne(task);
      const kept = await keep(typeof body === "string" ? Buffer.from(body) : body);
      const attempt = attemptOf(claimed, "answered", status);
      const answer = { status, headers, body: kept };
      const at = clock.now();
      const error = { code: "target_error", message: `The target answered with status ${status}.` };
      await store.settle(
        status < 400
          ? complete(claimed, attempt, answer, at)
          : fail(claimed, attempt, "target_error", error, answer, at),
      );
      return claimed.lease.taskId;
    },
    async failed(code, reason = "outcome_unknown") {
      const claimed = await claimOne({});
      const attempt = attemptOf(claimed, "unknown", null);
      await store.settle(
        fail(claimed, attempt, reason, { code, message: `It was ${code}.` }, null, clock.now()),
      );
      return claimed.lease.taskId;
    },
  };

  function attemptOf(task: ClaimedTask, outcome: Attempt["outcome"], status: number | null): Attempt {
    const { attempt: number, startedAt } = task;
    return {
      number,
      target: "http://target:8000",
      startedAt,
      endedAt: clock.now(),
      outcome,
      status,
      error: null,
    };
  }
}

/** The API behind a real socket; answers its port. */
export async function listen(t: TestContext, app: FastifyInstance): Promise<number> {
  const server = createServer((request, response) => app.routing(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

export const TASK: Omit<NewTask, "id" | "createdAt"> = {
  lane: "default",
  request: { method: "POST", path: "/api/function1", headers: [], body: EMPTY_BODY },
  priority: 4,
  client: "127.0.0.1",
  weight: 1,
  labels: {},
  notBefore: null,
  startBefore: null,
  timeoutMs: 600_000,
  maxAttempts: 3,
  idempotent: false,
  retryOf: null,
  batch: null,
  callbacks: [],
  dedupe: null,
};

const QUIET: ReturnType<ApiSettings["statistics"]> = {
  windowSeconds: 60,
  acceptedPerSecond: 0,
  startedPerSecond: 0,
  endedPerSecond: 0,
  successRate: null,
  queueWaitMs: null,
  targetMs: null,
  refused: {},
  lanes: {},
  targets: {},
};
