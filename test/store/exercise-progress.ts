// What targets say of their work: kept while it is about the attempt that runs.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Progress } from "../../src/task/task.ts";
import { interrupt, retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import { attemptOf, claimOne, find, finish, newTask, running, START, storeTest } from "./rig.ts";

const HALF: Progress = { percent: 50.5, message: "halfway", at: START + 81 };
const SILENT: Progress = { percent: 7, message: null, at: START + 82 };
const WORDS: Progress = { percent: null, message: "“nearly” 終", at: START + 83 };
const ERROR = { code: "timeout", message: "late" };

export function exerciseProgress(open: OpenForTest): void {
  describe("progress", () => {
    const test = storeTest(open);

    test("is what was said last, of that task alone", async (store) => {
      const [task, other] = [await running(store), await running(store)];
      const { taskId } = task.lease;
      assert.equal((await find(store, taskId)).progress, null);
      for (const progress of [HALF, SILENT, WORDS]) {
        assert.equal(await store.progress.write(taskId, 1, progress), true);
        assert.deepEqual((await find(store, taskId)).progress, progress);
      }
      assert.equal((await find(store, other.lease.taskId)).progress, null);
      assert.deepEqual(
        (await store.list({ limit: 5 })).tasks.map(({ progress }) => progress),
        [null, WORDS],
      );
    });

    test("is refused unless that attempt runs", async (store) => {
      const pending = newTask();
      await store.enqueue(pending, 1);
      assert.equal(await store.progress.write(pending.id, 0, HALF), false);
      assert.equal(await store.progress.write(newTask().id, 1, HALF), null);
      const task = await claimOne(store);
      assert.equal(await store.progress.write(pending.id, 2, HALF), false, "not that attempt");
      await store.progress.write(pending.id, 1, HALF);
      await store.cancel(pending.id, START);
      assert.equal(
        await store.progress.write(pending.id, 1, WORDS),
        false,
        "cancelled, though it holds its slot",
      );
      await finish(store, task);
      const done = await running(store);
      await finish(store, done);
      assert.equal(await store.progress.write(done.lease.taskId, 1, WORDS), false);
      assert.deepEqual((await find(store, pending.id)).progress, HALF);
    });

    test("stays when the attempt ends, and begins anew with the next", async (store) => {
      const task = await running(store);
      const { taskId } = task.lease;
      await store.progress.write(taskId, 1, HALF);
      await store.settle(retry(task, attemptOf(task), "retry_backoff", ERROR, START, START));
      assert.deepEqual((await find(store, taskId)).progress, HALF);
      const second = await claimOne(store, { lane: task.lane, now: START + 60_000 });
      assert.equal((await find(store, taskId)).progress, null);
      assert.equal(await store.progress.write(taskId, 1, HALF), false, "late words of the attempt before");
      assert.equal(await store.progress.write(taskId, 2, SILENT), true);
      await finish(store, second);
      assert.deepEqual((await find(store, taskId)).progress, SILENT);
    });

    test("is kept over an attempt that another node takes over, and over the store", async (first, reopen) => {
      const task = await running(first);
      const { taskId } = task.lease;
      await first.progress.write(taskId, 1, WORDS);
      const [taken] = await first.takeOver("b", START, false);
      assert.equal(taken?.lease.taskId, taskId);
      const store = reopen === null ? first : await reopen();
      assert.deepEqual((await find(store, taskId)).progress, WORDS);
      assert.equal(await store.progress.write(taskId, 1, HALF), true, "the target works on");
      await store.settle(interrupt(taken, null, START));
      assert.equal(await store.progress.write(taskId, 1, SILENT), false);
    });
  });
}
