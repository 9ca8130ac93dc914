// Several lanes: their limits, rates and pauses, and what becomes of them while all runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createDispatcher } from "../../src/dispatch/dispatch.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { newLane } from "../rig/lane.ts";
import { claimed } from "../task/claimed.ts";
import { ANSWERED, settled, stage } from "./stage.ts";

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

test("a lane under a new name starts no more than the old one leaves room for", async (t) => {
  const { dispatcher, line, running } = stage(t, [newLane({ name: "one", maxConcurrent: 2 })]);
  line.set("one", ["o1", "o2"]);
  dispatcher.start();
  await settled();
  for (const name of ["two", "three"]) {
    line.set(name, [`${name}1`, `${name}2`]);
    dispatcher.configure([{ config: newLane({ name, maxConcurrent: 2 }), paused: false }]);
    await settled();
    assert.deepEqual([...running.keys()], ["o1", "o2"]);
  }
  running.get("o1")!();
  await settled();
  assert.deepEqual([...running.keys()], ["o2", "three1"]);
  running.get("o2")!();
  await settled();
  assert.deepEqual([...running.keys()], ["three1", "three2"]);
});
