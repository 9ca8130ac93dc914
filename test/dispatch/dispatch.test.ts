import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Dispatcher } from "../../src/dispatch/dispatch.ts";
import { createDispatcher } from "../../src/dispatch/dispatch.ts";
import type { ClaimRequest } from "../../src/store/store.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { Capacity } from "../../src/task/hold.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import type { ManualClock } from "../lib/manual-clock.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { newLane } from "../rig/lane.ts";
import { claimed } from "../task/claimed.ts";

const ROOM: Capacity = {
  reserve: (_lane, wanted) => wanted,
  giveBack: () => {},
  hasRoom: () => true,
  hold: () => null,
};
const ANSWERED: Exchange = {
  kind: "answered",
  target: "http://t",
  response: { status: 200, headers: [], body: EMPTY_BODY },
};

interface Stage {
  readonly dispatcher: Dispatcher;
  readonly clock: ManualClock;
  /** Ids in line, by lane. */
  readonly line: Map<string, string[]>;
  readonly claims: ClaimRequest[];
  /** Attempts that run, by id: call to end one. */
  readonly running: Map<string, { end: () => void; signal: AbortSignal }>;
  nextDueAt: number | null;
}

/** A dispatcher between a line in memory and attempts that end when they are told to. */
function stage(lanes: Record<string, number | "auto">): Stage {
  const clock = createManualClock();
  const line = new Map(Object.keys(lanes).map((name) => [name, [] as string[]]));
  const claims: ClaimRequest[] = [];
  const running: Stage["running"] = new Map();
  const state = { nextDueAt: null as number | null };
  const dispatcher = createDispatcher({
    node: "n1",
    lanes: Object.entries(lanes).map(([name, maxConcurrent]) => ({
      config: newLane({ name, maxConcurrent }),
      paused: false,
    })),
    capacityOf: () => ROOM,
    clock,
    async claim(request) {
      claims.push(request);
      await turn();
      const waiting = line.get(request.lane) ?? [];
      const tasks = waiting
        .splice(0, request.limit)
        .map((taskId) => claimed({ lane: request.lane, lease: { taskId, node: "n1", epoch: 1 } }));
      return { tasks, nextDueAt: state.nextDueAt, pending: waiting.length };
    },
    send: (task, _pool, signal) =>
      new Promise<Exchange>((resolve) => {
        running.set(task.lease.taskId, { end: () => resolve(ANSWERED), signal });
      }).finally(() => running.delete(task.lease.taskId)),
    settle: async () => {},
    emit: () => {},
    onPending: () => {},
    onError: (thrown) => {
      throw thrown;
    },
  });
  return Object.assign(state, { dispatcher, clock, line, claims, running });
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}

test("never more than the lane's limit runs, and a freed slot is filled at once", async () => {
  const { dispatcher, line, running } = stage({ default: 2 });
  line.set("default", ["a", "b", "c", "d"]);
  dispatcher.start();
  await settled();
  assert.deepEqual([...running.keys()], ["a", "b"]);
  running.get("a")?.end();
  await settled();
  assert.deepEqual([...running.keys()], ["b", "c"]);
  for (const { end } of running.values()) end();
  await settled();
  assert.deepEqual([...running.keys()], ["d"]);
  running.get("d")?.end();
  await dispatcher.stop(0);
});

test("an idle lane asks again when it is woken and when something falls due, not before", async () => {
  const state = stage({ default: 2 });
  const { dispatcher, line, claims, clock, running } = state;
  state.nextDueAt = clock.now() + 5_000;
  dispatcher.start();
  await settled();
  assert.equal(claims.length, 1);
  clock.advance(4_999);
  await settled();
  assert.equal(claims.length, 1);
  line.set("default", ["later"]);
  state.nextDueAt = null;
  clock.advance(1);
  await settled();
  assert.deepEqual([...running.keys()], ["later"]);
  line.set("default", ["woken"]);
  dispatcher.wake("default");
  await settled();
  assert.deepEqual([...running.keys()], ["later", "woken"]);
  for (const { end } of running.values()) end();
  await dispatcher.stop(0);
});

test("a limit that is learned does not take slots held for a claim for attempts that run", async () => {
  const { dispatcher, line, running } = stage({ default: "auto" });
  dispatcher.start();
  const before = dispatcher.slots("default");
  for (let task = 0; task < 30; task++) {
    line.set("default", [`${task}`]);
    dispatcher.wake("default");
    await settled();
    dispatcher.wake("default");
    await Promise.resolve();
    running.get(`${task}`)?.end();
    await settled();
  }
  assert.equal(dispatcher.slots("default"), before);
  await dispatcher.stop(0);
});

test("abort reaches the attempt with its reason, and only a running one", async () => {
  const { dispatcher, line, running } = stage({ default: 1 });
  line.set("default", ["a"]);
  dispatcher.start();
  await settled();
  assert.equal(dispatcher.abort("b", "cancelled"), false);
  assert.equal(dispatcher.abort("a", "cancelled"), true);
  const attempt = running.get("a");
  assert.equal(attempt?.signal.reason, "cancelled");
  attempt?.end();
  await dispatcher.stop(0);
  assert.equal(dispatcher.abort("a", "cancelled"), false);
});

test("a cancel that is heard of before its claim breaks the attempt off before it begins", async () => {
  const { dispatcher, line, running, claims } = stage({ default: 1 });
  line.set("default", ["a"]);
  dispatcher.start();
  while (claims.length === 0) await Promise.resolve();
  assert.equal(dispatcher.abort("a", "cancelled"), false);
  await settled();
  const attempt = running.get("a");
  assert.equal(attempt?.signal.aborted, true);
  assert.equal(attempt?.signal.reason, "cancelled");
  attempt?.end();
  line.set("default", ["a"]);
  dispatcher.wake("default");
  await settled();
  assert.equal(running.get("a")?.signal.aborted, false, "that was about the claim of then");
  running.get("a")?.end();
  await dispatcher.stop(0);
});

test("stop claims no more, waits, and breaks off what outlasts the drain", async () => {
  const { dispatcher, line, running, clock, claims } = stage({ default: 2 });
  line.set("default", ["quick", "slow", "never"]);
  dispatcher.start();
  await settled();
  let isStopped = false;
  const stopped = dispatcher.stop(30_000).then(() => (isStopped = true));
  await settled();
  const asked = claims.length;
  running.get("quick")?.end();
  clock.advance(29_999);
  await settled();
  const slow = running.get("slow");
  assert.equal(slow?.signal.aborted, false);
  clock.advance(1);
  assert.equal(slow?.signal.reason, "interrupted");
  await settled();
  assert.equal(isStopped, false, "its end is waited for");
  slow?.end();
  await stopped;
  assert.equal(claims.length, asked);
  assert.deepEqual(line.get("default"), ["never"]);
});

test("a claim that is answered while the dispatcher stops is still run", async () => {
  const { dispatcher, line, running } = stage({ default: 1 });
  line.set("default", ["a"]);
  dispatcher.start();
  const stopped = dispatcher.stop(1_000);
  await settled();
  running.get("a")?.end();
  await stopped;
  assert.equal(running.size, 0);
});

test("a store that fails gives the slots back", async () => {
  const clock = createManualClock();
  const errors: unknown[] = [];
  let calls = 0;
  const dispatcher = createDispatcher({
    node: "n1",
    lanes: [{ config: newLane({ maxConcurrent: 1 }), paused: false }],
    capacityOf: () => ROOM,
    clock,
    claim: async () => {
      if (++calls === 1) throw new Error("full");
      return { tasks: [], nextDueAt: null, pending: 0 };
    },
    send: async () => ANSWERED,
    settle: async () => {},
    emit: () => {},
    onPending: () => {},
    onError: (thrown) => errors.push(thrown),
  });
  dispatcher.start();
  await settled();
  assert.equal(errors.length, 1);
  clock.advance(1_000);
  await settled();
  assert.equal(calls, 2);
  await dispatcher.stop(0);
});
