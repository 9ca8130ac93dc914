// Lanes that wait for places at the targets they share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newLane } from "../rig/lane.ts";
import { settled, stage } from "./stage.ts";

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
