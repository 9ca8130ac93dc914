// Several lanes before pools of targets that have only so much room.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { LaneConfig } from "../../src/config/config.ts";
import { createDispatcher, type Dispatcher } from "../../src/dispatch/dispatch.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { Capacity, Hold } from "../../src/task/hold.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";
import { newLane } from "../rig/lane.ts";
import { claimed } from "../task/claimed.ts";

const ANSWERED: Exchange = {
  kind: "answered",
  target: "http://t",
  response: { status: 200, headers: [], body: EMPTY_BODY },
};

interface Stage {
  readonly dispatcher: Dispatcher;
  readonly clock: ManualClock;
  readonly line: Map<string, string[]>;
  /** Ends of attempts that run, by id. */
  readonly running: Map<string, () => void>;
  readonly pool: { places: number; hold: Hold | null };
  claims: number;
}

function stage(
  t: { after(clean: () => Promise<void>): void },
  lanes: readonly LaneConfig[],
  places = Infinity,
): Stage {
  const clock = createManualClock();
  const line = new Map<string, string[]>();
  const running = new Map<string, () => void>();
  const pool: Stage["pool"] = { places, hold: null };
  const capacity: Capacity = {
    reserve(_lane, wanted) {
      const granted = Math.min(wanted, pool.places);
      pool.places -= granted;
      return granted;
    },
    giveBack(unused) {
      pool.places += unused;
      if (unused > 0) dispatcher.wakePool("default");
    },
    hasRoom: () => pool.places > 0 && pool.hold === null,
    hold: () => pool.hold ?? (pool.places > 0 ? null : { kind: "target_limit", until: null }),
  };
  const counts = { claims: 0 };
  const dispatcher = createDispatcher({
    node: "n1",
    lanes: lanes.map((config) => ({ config, paused: false })),
    capacityOf: () => capacity,
    clock,
    async claim({ lane, limit }) {
      counts.claims++;
      await turn();
      const waiting = line.get(lane) ?? [];
      const tasks = waiting
        .splice(0, limit)
        .map((taskId) => claimed({ lane, lease: { taskId, node: "n1", epoch: 1 } }));
      return { tasks, nextDueAt: null, pending: waiting.length };
    },
    send: ({ lease }) =>
      new Promise<Exchange>((resolve) => running.set(lease.taskId, () => resolve(ANSWERED))).finally(() => {
        running.delete(lease.taskId);
        pool.places += 1;
        dispatcher.wakePool("default");
      }),
    settle: async () => {},
    emit: () => {},
    onPending: () => {},
    onError: (thrown) => {
      throw thrown;
    },
  });
  t.after(async () => {
    let isStopped = false;
    const stopped = dispatcher.stop(0).then(() => (isStopped = true));
    // A claim that is under way may still start some.
    while (!isStopped) {
      for (const end of running.values()) end();
      await settled();
    }
    await stopped;
  });
  return Object.assign(counts, { dispatcher, clock, line, running, pool });
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}

test("a lane that is stuck takes nothing from another", async (t) => {
  const { dispatcher, line, running } = stage(t, [
    newLane({ name: "stuck", workers: 2 }),
    newLane({ name: "fine" }),
  ]);
  line.set("stuck", ["s1", "s2", "s3"]);
  dispatcher.start();
  await settled();
  for (let i = 0; i < 100; i++) {
    line.set("fine", [`f${i}`]);
    dispatcher.wake("fine");
    await settled();
    running.get(`f${i}`)?.();
    await settled();
  }
  assert.deepEqual([...running.keys()], ["s1", "s2"]);
  assert.deepEqual(line.get("fine"), []);
  assert.deepEqual(dispatcher.hold("stuck"), { kind: "lane_limit", until: null });
  assert.equal(dispatcher.hold("fine"), null);
});

test("lanes that share a pool with little room take turns", async (t) => {
  const { dispatcher, line, running } = stage(t, [newLane({ name: "a" }), newLane({ name: "b" })], 2);
  for (const lane of ["a", "b"])
    line.set(
      lane,
      Array.from({ length: 20 }, (_, i) => `${lane}${i}`),
    );
  dispatcher.start();
  const order: string[] = [];
  for (let i = 0; i < 40; i++) {
    await settled();
    assert.ok(running.size <= 2);
    const [id, end] = [...running][0]!;
    order.push(id);
    end();
  }
  await settled();
  assert.equal(running.size, 0);
  const early = order.slice(0, 20).filter((id) => id.startsWith("a")).length;
  assert.ok(early >= 8 && early <= 12, order.join(" "));
});

test("a lane without places sleeps until the pool says that there are some", async (t) => {
  const state = stage(t, [newLane()], 0);
  const { dispatcher, line, running, pool, clock } = state;
  pool.hold = { kind: "circuit_open", until: clock.now() + 5_000 };
  line.set("default", ["x"]);
  dispatcher.start();
  await settled();
  assert.equal(state.claims, 0);
  assert.deepEqual(dispatcher.hold("default"), { kind: "circuit_open", until: clock.now() + 5_000 });
  clock.advance(86_400_000);
  await settled();
  assert.equal(state.claims, 0, "a clock that is set forward wakes nobody: the pool has timers of its own");
  pool.places = 1;
  pool.hold = null;
  dispatcher.wakePool("default");
  await settled();
  assert.equal(running.size, 1);
});

test("a busy lane keeps its turn, however often something is accepted in it", async (t) => {
  const lanes = ["a", "b", "c"].map((name) => newLane({ name }));
  const { dispatcher, line, running } = stage(t, lanes, 1);
  for (const { name } of lanes)
    line.set(
      name,
      Array.from({ length: 20 }, (_, i) => `${name}${i}`),
    );
  dispatcher.start();
  const order: string[] = [];
  for (let i = 0; i < 30; i++) {
    await settled();
    dispatcher.wake("a");
    await settled();
    const [id, end] = [...running][0]!;
    order.push(id[0]!);
    end();
  }
  for (const name of ["a", "b", "c"])
    assert.equal(order.filter((id) => id === name).length, 10, order.join(""));
});

test("a lane that got some of the places it wanted hears of the next", async (t) => {
  const { dispatcher, line, running } = stage(t, [newLane({ name: "a" }), newLane({ name: "b" })], 2);
  line.set("b", ["b1"]);
  dispatcher.start();
  await settled();
  line.set("a", ["a1", "a2", "a3"]);
  dispatcher.wake("a");
  await settled();
  assert.deepEqual([...running.keys()], ["b1", "a1"]);
  running.get("b1")!();
  await settled();
  assert.deepEqual([...running.keys()], ["a1", "a2"]);
});

test("what was not sent costs no token of the rate", async (t) => {
  const clock = createManualClock();
  let postponed = 0;
  let sent = 0;
  const dispatcher = createDispatcher({
    node: "n1",
    lanes: [{ config: newLane({ rate: { count: 1, perMs: 1_000, burst: 1 } }), paused: false }],
    capacityOf: () => ({
      reserve: (_lane, wanted) => wanted,
      giveBack: () => {},
      hasRoom: () => true,
      hold: () => null,
    }),
    clock,
    claim: async () => ({ tasks: postponed + sent < 6 ? [claimed()] : [], nextDueAt: null, pending: 1 }),
    send: async () =>
      postponed < 5
        ? (postponed++, { kind: "postponed", target: null, reason: "queued", until: null })
        : (sent++, ANSWERED),
    settle: async () => {},
    emit: () => {},
    onPending: () => {},
    onError: (thrown) => {
      throw thrown;
    },
  });
  t.after(() => dispatcher.stop(0));
  dispatcher.start();
  for (let i = 0; i < 20; i++) await settled();
  assert.deepEqual([postponed, sent], [5, 1], "all within the first token");
});

test("a rate spaces the starts, also over many claims", async (t) => {
  const { dispatcher, line, running, clock, pool } = stage(
    t,
    [newLane({ rate: { count: 10, perMs: 1_000, burst: 1 }, workers: 100, maxConcurrent: 100 })],
    1_000,
  );
  line.set(
    "default",
    Array.from({ length: 50 }, (_, i) => `r${i}`),
  );
  dispatcher.start();
  await settled();
  assert.equal(running.size, 1);
  assert.equal(dispatcher.hold("default")?.kind, "rate");
  for (let i = 2; i <= 20; i++) {
    clock.advance(100);
    await settled();
    assert.equal(running.size, i);
  }
  assert.equal(pool.places, 980, "what was not used was given back");
});

test("a paused lane claims nothing, lets what runs end, and goes on when it is resumed", async (t) => {
  const lane = newLane({ workers: 1 });
  const { dispatcher, line, running } = stage(t, [lane]);
  line.set("default", ["p1", "p2"]);
  dispatcher.start();
  await settled();
  dispatcher.configure([{ config: lane, paused: true }]);
  running.get("p1")!();
  await settled();
  assert.equal(running.size, 0);
  assert.deepEqual(dispatcher.hold("default"), { kind: "paused", until: null });
  dispatcher.configure([{ config: lane, paused: false }]);
  await settled();
  assert.deepEqual([...running.keys()], ["p2"]);
});

test("limits change while running: more start at once, and fewer when some have ended", async (t) => {
  const lane = newLane({ maxConcurrent: 1, workers: 1 });
  const { dispatcher, line, running } = stage(t, [lane]);
  line.set("default", ["1", "2", "3", "4", "5"]);
  dispatcher.start();
  await settled();
  assert.equal(running.size, 1);
  dispatcher.configure([{ config: { ...lane, maxConcurrent: 3, workers: 3 }, paused: false }]);
  await settled();
  assert.deepEqual([running.size, dispatcher.slots("default")], [3, 3]);
  dispatcher.configure([{ config: { ...lane, maxConcurrent: 2, workers: 2 }, paused: false }]);
  running.get("1")!();
  await settled();
  assert.equal(running.size, 2);
  running.get("2")!();
  await settled();
  assert.equal(running.size, 2);
});

test("a lane that is configured no longer claims no more, and one that is new does", async (t) => {
  const [old, next] = [newLane({ name: "old" }), newLane({ name: "next" })];
  const { dispatcher, line, running } = stage(t, [old]);
  line.set("old", ["o1"]);
  dispatcher.start();
  await settled();
  line.set("old", ["o2"]).set("next", ["n1"]);
  dispatcher.configure([{ config: next, paused: false }]);
  dispatcher.wake("old");
  await settled();
  assert.deepEqual([...running.keys()], ["o1", "n1"]);
  assert.deepEqual(dispatcher.hold("old"), { kind: "no_route", until: null });
  running.get("o1")!();
  await settled();
  assert.deepEqual([...running.keys()], ["n1"], "and its end is its own");
});

test("a lane that is changed while the dispatcher stops claims nothing", async (t) => {
  const lane = newLane({ workers: 1 });
  const state = stage(t, [lane]);
  const { dispatcher, line, running } = state;
  line.set("default", ["s1", "s2"]);
  dispatcher.start();
  await settled();
  const stopped = dispatcher.stop(60_000);
  await settled();
  const asked = state.claims;
  dispatcher.configure([{ config: { ...lane, workers: 9 }, paused: false }]);
  await settled();
  running.get("s1")!();
  await stopped;
  await settled();
  assert.equal(state.claims, asked);
  assert.deepEqual(line.get("default"), ["s2"]);
});
