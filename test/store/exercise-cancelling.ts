// Cancel is real: no new attempt starts, and the state stays, whatever the one that runs still says.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { OpenStore } from "../../src/store/store.ts";
import type { ClaimedTask } from "../../src/task/task.ts";
import { fail, interrupt, standDown } from "../../src/task/transition.ts";
import { totals } from "./exercise-settling.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  attemptOf,
  claim,
  claimOne,
  enqueueMany,
  find,
  finish,
  idsOf,
  newTask,
  running,
  START,
  storeTest,
} from "./rig.ts";

const ERROR = { code: "timeout", message: "late" };

export function exerciseCancelling(open: OpenForTest): void {
  describe("cancelling", () => {
    const test = storeTest(open);

    test("takes a pending task out of the line, a delayed one, too", async (store) => {
      const tasks = await enqueueMany(store, 2);
      const delayed = newTask({ notBefore: START + 5 });
      await store.enqueue(delayed, 10);
      for (const { id, client } of [tasks[0]!, delayed]) {
        assert.deepEqual(await store.cancel(id, START + 3), {
          changed: true,
          from: "pending",
          lane: "lane",
          client,
        });
        const found = await find(store, id);
        assert.deepEqual(
          [found.state, found.reason, found.completedAt, found.notBefore],
          ["cancelled", "cancelled", START + 3, null],
        );
      }
      assert.deepEqual(await totals(store, "lane"), [3, 0, 0, 2, 0]);
      const { tasks: left, nextDueAt } = await claim(store, { now: START + 5 });
      assert.deepEqual([idsOf(left), nextDueAt], [[tasks[1]!.id], null]);
      await assertTallied(store);
    });

    test("a running task stays; its slot is free when the attempt is settled", async (store) => {
      await enqueueMany(store, 3);
      const task = await claimOne(store, { cap: 1 });
      const { taskId } = task.lease;
      assert.deepEqual(await store.cancel(taskId, START + 4), {
        changed: true,
        from: "processing",
        lane: "lane",
        client: task.client,
      });
      assert.equal((await claim(store, { cap: 1 })).tasks.length, 0, "the target is still at work");
      await assertTallied(store, { lane: 1 });

      const thief = { ...task, lease: { ...task.lease, epoch: 9 } };
      assert.equal(await finish(store, thief), false);
      assert.equal((await claim(store, { cap: 1 })).tasks.length, 0, "a stranger frees no slot");

      const attempt = attemptOf(task, { outcome: "cancelled" });
      assert.equal(await store.settle(standDown(task, attempt, START + 9)), false, "the cancellation stands");
      const found = await find(store, taskId);
      assert.deepEqual([found.state, found.completedAt, found.attempts], ["cancelled", START + 4, [attempt]]);
      await assertTallied(store);
      assert.equal((await claim(store, { cap: 1 })).tasks.length, 1);
      assert.equal(await finish(store, task), false);
      assert.equal((await claim(store, { cap: 1 })).tasks.length, 0, "a slot is freed once");
      assert.deepEqual(await totals(store, "lane"), [3, 0, 0, 1, 1]);
    });

    test("wins over an answer that comes later, which is not kept", async (store) => {
      for (const settle of [
        finish,
        (s: OpenStore, task: ClaimedTask) => s.settle(interrupt(task, null, START)),
      ]) {
        const task = await running(store);
        await store.cancel(task.lease.taskId, START + 4);
        assert.equal(await settle(store, task), false);
        assert.equal((await find(store, task.lease.taskId)).state, "cancelled");
        assert.equal(await store.response(task.lease.taskId), null);
        assert.deepEqual(await totals(store, task.lane), [1, 0, 0, 1, 0]);
      }
      await assertTallied(store);
    });

    test("changes nothing that has ended", async (store) => {
      const completed = await running(store);
      await finish(store, completed);
      const failed = await running(store);
      await store.settle(fail(failed, attemptOf(failed), "timeout", ERROR, null, START));
      const cancelled = await running(store);
      await store.cancel(cancelled.lease.taskId, START + 1);
      for (const [task, state] of [
        [completed, "completed"],
        [failed, "failed"],
        [cancelled, "cancelled"],
      ] as const) {
        const before = await find(store, task.lease.taskId);
        assert.deepEqual(await store.cancel(task.lease.taskId, START + 2), {
          changed: false,
          from: state,
          lane: task.lane,
          client: task.client,
        });
        assert.deepEqual(await find(store, task.lease.taskId), before);
      }
      assert.equal(await store.cancel(newTask().id, START), null);
    });

    test("and the answer at once: one winner, and both are told the same", async (store) => {
      const task = await running(store);
      const [settled, cancelled] = await Promise.all([
        finish(store, task),
        store.cancel(task.lease.taskId, START),
      ]);
      assert.notEqual(settled, cancelled?.changed);
      assert.equal((await find(store, task.lease.taskId)).state, settled ? "completed" : "cancelled");
      await assertTallied(store);
    });

    test("that only an attempt knew of is counted like any other", async (store) => {
      const task = await running(store);
      assert.equal(await store.settle(standDown(task, attemptOf(task), START)), true);
      assert.deepEqual(await totals(store, task.lane), [1, 0, 0, 1, 0]);
      await assertTallied(store);
    });
  });
}
