// Nodes that live, die and come back.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  claim,
  claimOne,
  enqueueMany,
  find,
  finish,
  running,
  START,
  storeTest,
} from "./rig.ts";

export function exerciseLeases(open: OpenForTest): void {
  describe("leases", () => {
    const test = storeTest(open);

    test("of a dead node are taken over; what it says later is refused", async (store) => {
      await store.renew("a", START + 100);
      await store.renew("b", START + 900);
      const task = await running(store, { lane: "l" });
      assert.deepEqual(await store.takeOver("b", START + 99, false), [], "a still lives");
      const [taken, ...more] = await store.takeOver("b", START + 100, false);
      assert.deepEqual(more, []);
      assert.deepEqual(taken, { ...task, lease: { ...task.lease, node: "b", epoch: task.lease.epoch + 1 } });
      assert.equal((await find(store, task.lease.taskId)).state, "processing");
      await assertTallied(store);

      await store.renew("a", START + 999);
      assert.equal(await finish(store, task), false, "the zombie");
      assert.equal(
        await finish(store, { ...task, lease: { ...task.lease, epoch: task.lease.epoch + 1 } }),
        false,
      );
      assert.equal(await finish(store, taken), true);
      assert.equal(await finish(store, task), false);
      await assertTallied(store);
    });

    test("of a node that never said it lives are taken over", async (store) => {
      const task = await running(store);
      assert.equal((await store.takeOver("b", START, false))[0]?.lease.taskId, task.lease.taskId);
    });

    test("of a node's earlier life come to it at start only", async (store) => {
      await store.renew("a", START + 100);
      const task = await running(store);
      assert.deepEqual(
        await store.takeOver("a", START + 500, false),
        [],
        "not its own, however late it renews",
      );
      const [taken] = await store.takeOver("a", START + 50, true);
      assert.deepEqual(taken?.lease, { ...task.lease, epoch: task.lease.epoch + 1 });
      assert.equal(await finish(store, task), false);
      assert.equal(await finish(store, taken), true);
    });

    test("of a live node are left alone, whoever asks", async (store) => {
      await store.renew("a", START + 100);
      await store.renew("b", START + 100);
      const task = await running(store);
      assert.deepEqual(await store.takeOver("b", START + 50, true), []);
      await store.renew("a", START + 200);
      assert.deepEqual(await store.takeOver("b", START + 150, false), [], "renewed");
      assert.equal(await finish(store, task), true);
    });

    test("keep their slots when they are taken over, those of cancelled tasks are freed", async (store) => {
      await enqueueMany(store, 4, { lane: "l" });
      const [kept, cancelled] = (await claim(store, { lane: "l", limit: 2, cap: 2 })).tasks;
      await store.cancel(cancelled!.lease.taskId, START + 1);
      const before = await find(store, cancelled!.lease.taskId);
      await assertTallied(store, { l: 2 });
      const taken = await store.takeOver("b", START, false);
      assert.deepEqual(
        taken.map(({ lease }) => lease.taskId),
        [kept!.lease.taskId],
      );
      await assertTallied(store);
      assert.deepEqual(await find(store, cancelled!.lease.taskId), before);
      assert.equal(await finish(store, cancelled!), false);
      assert.equal((await claim(store, { lane: "l", cap: 2 })).tasks.length, 1, "one slot, not two");
      assert.deepEqual(await store.takeOver("b", START, true).then((tasks) => tasks.length), 2);
    });

    test("that are no longer the node's to finish are named when it renews", async (store) => {
      await enqueueMany(store, 3);
      const [first, second] = (await claim(store, { limit: 2 })).tasks;
      const foreign = await claimOne(store, { node: "b" });
      assert.deepEqual(await store.renew("a", START), []);
      await store.cancel(second!.lease.taskId, START);
      await store.cancel(foreign.lease.taskId, START);
      assert.deepEqual(await store.renew("a", START + 1), [second!.lease.taskId]);
      await finish(store, second!);
      assert.deepEqual(await store.renew("a", START + 2), []);
      assert.equal(await finish(store, first!), true);
    });
  });
}
