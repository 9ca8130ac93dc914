// Places at a pool: how many there are, what holds a task when there is none, and who hears when there is one again.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { status } from "../rig/behaviour.ts";
import { newPool, poolStage } from "./pool-stage.ts";

test("without limits there are as many places as are wanted", async (t) => {
  const { pools, rooms } = await poolStage(t, { targets: 20 });
  const capacity = pools.capacityOf("default");
  assert.equal(capacity.reserve("a", 1_000_000), 1_000_000);
  assert.equal(capacity.reserve("b", 7), 7);
  assert.equal(capacity.hold("a"), null);
  capacity.giveBack(1_000_007);
  assert.deepEqual(rooms, []);
});

test("with limits there are as many as its targets have together, from all lanes", async (t) => {
  const { pools, rooms } = await poolStage(t, { targets: 2, each: { maxConcurrent: 3 } });
  const capacity = pools.capacityOf("default");
  assert.equal(capacity.reserve("a", 4), 4);
  assert.equal(capacity.reserve("b", 4), 2);
  assert.equal(capacity.reserve("b", 4), 0);
  assert.deepEqual(capacity.hold("c"), { kind: "target_limit", until: null });
  capacity.giveBack(1);
  assert.deepEqual(rooms, ["default"]);
  assert.equal(capacity.hold("c"), null);
  assert.equal(capacity.reserve("c", 4), 1);
});

test("a target never sees more than its limit, as it counts, though all tasks would rather go to one", async (t) => {
  const { targets, pools, rooms, send } = await poolStage(t, {
    targets: 2,
    each: { maxConcurrent: 2 },
    pool: { balance: { by: "hash", key: "path" } },
  });
  const sending = Array.from({ length: 4 }, () => send({ path: "/slow" }));
  await Promise.all(targets.map((target) => target.received(2)));
  assert.equal((await send({ path: "/slow" })).kind, "postponed");
  for (const target of targets) target.release();
  for (const exchange of await Promise.all(sending)) assert.equal(exchange.kind, "answered");
  let left = 100;
  async function worker(): Promise<void> {
    while (left-- > 0) assert.equal((await send({ path: "/echo" })).kind, "answered");
  }
  await Promise.all(Array.from({ length: 4 }, worker));
  for (const { atOnce } of targets) assert.equal(atOnce.max, 2);
  assert.equal(pools.capacityOf("default").reserve("x", 100), 4, "all places are back");
  assert.deepEqual(rooms, ["default"], "the fifth was refused, and nobody else");
});

test("the end of a request is told only when somebody was refused, and once", async (t) => {
  const { targets, pools, rooms, send } = await poolStage(t, { each: { maxConcurrent: 1 } });
  const capacity = pools.capacityOf("default");
  const sending = send({ path: "/slow" });
  await targets[0]!.received(1);
  assert.equal(capacity.reserve("b", 1), 0);
  assert.equal(capacity.reserve("c", 1), 0);
  targets[0]!.release();
  await sending;
  assert.deepEqual(rooms, ["default"]);
  await send();
  assert.deepEqual(rooms, ["default"]);
});

test("Retry-After holds the lane that met it, and no other", async (t) => {
  const { targets, pools, clock, rooms, send } = await poolStage(t);
  const capacity = pools.capacityOf("default");
  targets[0]!.next(status(429, ["Retry-After", "30"]));
  assert.equal((await send({}, { lane: "a" })).kind, "answered");
  assert.deepEqual(capacity.hold("a"), { kind: "retry_after", until: clock.now() + 30_000 });
  assert.equal(capacity.reserve("a", 5), 0);
  assert.equal((await send({}, { lane: "a" })).kind, "postponed");
  assert.equal(capacity.hold("b"), null);
  assert.equal((await send({}, { lane: "b" })).kind, "answered");
  assert.deepEqual(rooms, [], "the end of another lane's request changes nothing for it");
  clock.advance(29_999);
  assert.equal(capacity.reserve("a", 5), 0);
  clock.advance(1);
  assert.deepEqual(rooms, ["default"]);
  assert.equal(capacity.hold("a"), null);
  assert.equal(capacity.reserve("a", 5), 5);
});

test("with several targets a lane goes on at the others, until all want to be left alone", async (t) => {
  const { targets, pools, clock, send } = await poolStage(t, { targets: 2 });
  const capacity = pools.capacityOf("default");
  targets[0]!.next(status(503, ["Retry-After", "60"]));
  await send();
  for (let i = 0; i < 4; i++) assert.equal((await send()).target, targets[1]!.url.origin);
  assert.equal(capacity.hold("default"), null);
  targets[1]!.next(status(429, ["Retry-After", "10"]));
  await send();
  assert.deepEqual(capacity.hold("default"), { kind: "retry_after", until: clock.now() + 10_000 });
  clock.advance(10_000);
  assert.equal((await send()).target, targets[1]!.url.origin);
});

test("a Retry-After is cut to an hour, and 0 is none", async (t) => {
  const { targets, pools, clock, send } = await poolStage(t);
  const hold = () => pools.capacityOf("default").hold("default");
  targets[0]!.next(status(429, ["Retry-After", "0"]));
  await send();
  assert.equal(hold(), null);
  targets[0]!.next(status(429, ["Retry-After", "99999999"]));
  await send();
  assert.deepEqual(hold(), { kind: "retry_after", until: clock.now() + 3_600_000 });
});

test("of several Retry-After the longest counts, in whatever order they come", async (t) => {
  for (const seconds of [
    [60, 10],
    [10, 60],
  ]) {
    const { targets, pools, clock, rooms, send } = await poolStage(t);
    targets[0]!.next(...seconds.map((each) => status(429, ["Retry-After", String(each)])));
    // Both are asked for before either is answered.
    await Promise.all(seconds.map(() => send()));
    const hold = pools.capacityOf("default").hold("default");
    assert.deepEqual(hold, { kind: "retry_after", until: clock.now() + 60_000 });
    clock.advance(59_999);
    assert.deepEqual(rooms, []);
  }
});

test("places of an earlier pool that are given back to a later one make none", async (t) => {
  const { pools, config } = await poolStage(t, { each: { maxConcurrent: 2 } });
  assert.equal(pools.capacityOf("default").reserve("a", 2), 2);
  pools.configure([]);
  pools.capacityOf("default").giveBack(1);
  pools.configure([config]);
  pools.capacityOf("default").giveBack(1);
  assert.equal(pools.capacityOf("default").reserve("a", 5), 2);
});

test("whatever is taken and given back: never more out than there are", async (t) => {
  const { pools } = await poolStage(t);
  const step = fc.record({ take: fc.boolean(), places: fc.nat(5), lane: fc.constantFrom("a", "b") });
  fc.assert(
    fc.property(
      fc.array(step),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
      (steps, limits) => {
        const targets = limits.map((maxConcurrent, i) => ({
          url: new URL(`http://127.0.0.1:${i + 1}`),
          weight: 1,
          maxConcurrent,
        }));
        pools.configure([]);
        pools.configure([{ ...newPool([]), targets }]);
        const capacity = pools.capacityOf("default");
        const total = limits.reduce((sum, limit) => sum + limit);
        let out = 0;
        for (const { take, places, lane } of steps) {
          if (take) {
            const granted = capacity.reserve(lane, places);
            assert.equal(granted, Math.min(places, total - out));
            out += granted;
          } else {
            const back = Math.min(places, out);
            capacity.giveBack(back);
            out -= back;
          }
          assert.equal(capacity.hold(lane) === null, out < total);
        }
      },
    ),
    { numRuns: 50 },
  );
});
