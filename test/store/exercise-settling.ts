// The way out of `processing`, its fence.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { OpenStore } from "../../src/store/store.ts";
import type { ClaimedTask, StoredResponse } from "../../src/task/task.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import { complete, fail, interrupt, retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import {
  ANSWER,
  assertTallied,
  attemptOf,
  claim,
  claimOne,
  find,
  finish,
  newTask,
  positionOf,
  running,
  START,
  storeTest,
} from "./rig.ts";

const ERROR = { code: "connection_refused", message: "refused" };

/** Accepted, completed, failed, cancelled; in flight. */
export async function totals(store: OpenStore, lane: string): Promise<unknown> {
  const { total, inFlight } = (await store.tally()).find((tally) => tally.lane === lane)!;
  return [total.accepted, total.completed, total.failed, total.cancelled, inFlight];
}

/** Nothing in the store differs from before. */
async function assertRefused(
  store: OpenStore,
  task: ClaimedTask,
  settle: () => Promise<boolean>,
): Promise<void> {
  const look = async (): Promise<unknown> => [
    await store.find(task.lease.taskId),
    await store.response(task.lease.taskId),
    await store.tally(),
  ];
  const before = await look();
  assert.equal(await settle(), false);
  assert.deepEqual(await look(), before);
}

export function exerciseSettling(open: OpenForTest): void {
  describe("settling", () => {
    const test = storeTest(open);

    test("completes", async (store) => {
      const task = await running(store);
      assert.equal(await store.settle(complete(task, attemptOf(task), ANSWER, START + 77)), true);
      const found = await find(store, task.lease.taskId);
      assert.deepEqual(
        [found.state, found.reason, found.completedAt, found.error],
        ["completed", "completed", START + 77, null],
      );
      assert.deepEqual([found.responseStatus, found.responseSizeBytes], [201, 6]);
      assert.deepEqual(await totals(store, task.lane), [1, 1, 0, 0, 0]);
      await assertTallied(store);
    });

    const answers: Readonly<Record<string, StoredResponse | null>> = {
      "no answer": null,
      "an empty answer": { status: 500, headers: [], body: EMPTY_BODY },
      "an answer in a file": {
        status: 404,
        headers: ["A", "b"],
        body: { kind: "file", name: "n", sizeBytes: 1e6 },
      },
    };
    for (const [name, answer] of Object.entries(answers)) {
      test(`fails with ${name}`, async (store) => {
        const task = await running(store);
        assert.equal(
          await store.settle(fail(task, attemptOf(task), "timeout", ERROR, answer, START + 78)),
          true,
        );
        const found = await find(store, task.lease.taskId);
        assert.deepEqual(
          [found.state, found.reason, found.completedAt, found.error],
          ["failed", "timeout", START + 78, ERROR],
        );
        assert.equal(found.responseStatus, answer === null ? null : answer.status);
        assert.deepEqual(await store.response(task.lease.taskId), answer);
        assert.deepEqual(await totals(store, task.lane), [1, 0, 1, 0, 0]);
        await assertTallied(store);
      });
    }

    test("puts back for a later try, with the attempt counted", async (store) => {
      const task = await running(store);
      const { lane, lease } = task;
      assert.equal(
        await store.settle(retry(task, attemptOf(task), "node_lost", ERROR, START + 60_000, START + 79)),
        true,
      );
      const found = await find(store, lease.taskId);
      assert.deepEqual(
        [found.state, found.reason, found.notBefore, found.completedAt],
        ["pending", "node_lost", START + 60_000, null],
      );
      assert.deepEqual(await totals(store, lane), [1, 0, 0, 0, 0]);
      assert.equal((await claim(store, { lane, now: START + 59_999 })).tasks.length, 0);
      const next = await claimOne(store, { lane, now: START + 60_000 });
      assert.deepEqual([next.attempt, next.lease.epoch], [2, 2]);
      await assertTallied(store);
    });

    test("puts back at once, with the attempt counted", async (store) => {
      const task = await running(store);
      const attempt = attemptOf(task, { outcome: "interrupted" });
      assert.equal(await store.settle(interrupt(task, attempt, START)), true);
      const found = await find(store, task.lease.taskId);
      assert.deepEqual(
        [found.state, found.reason, found.attempts, found.startedAt],
        ["pending", "interrupted", [attempt], task.startedAt],
      );
      assert.equal(await positionOf(store, task.lease.taskId), 1);
      assert.equal((await claimOne(store, { lane: task.lane })).attempt, 2);
    });

    test("gives an attempt back as if it had never been", async (store) => {
      const task = await running(store);
      const { lane, lease } = task;
      const before = attemptOf(task);
      await store.settle(retry(task, before, "retry_backoff", ERROR, START, START));
      const second = await claimOne(store, { lane, now: START + 80_000 });
      assert.equal(await store.settle(interrupt(second, null, START + 81_000)), true);
      const found = await find(store, lease.taskId);
      assert.deepEqual(
        [found.state, found.attempts, found.error, found.startedAt],
        ["pending", [before], ERROR, task.startedAt],
      );
      const third = await claimOne(store, { lane, now: START + 90_000 });
      assert.deepEqual([third.attempt, third.lease.epoch, third.startedAt], [2, 3, START + 90_000]);
      await store.settle(interrupt(third, null, START + 91_000));
      await assertTallied(store);

      const fresh = await running(store);
      await store.settle(interrupt(fresh, null, START));
      assert.equal((await find(store, fresh.lease.taskId)).startedAt, null);
    });

    test("is refused to whoever does not hold the lease", async (store) => {
      const task = await running(store);
      const { epoch, node } = task.lease;
      const others = [{ epoch: epoch - 1 }, { epoch: epoch + 1 }, { node: "b" }, { taskId: newTask().id }];
      for (const other of others) {
        const thief = { ...task, lease: { ...task.lease, ...other } };
        await assertRefused(store, task, () => finish(store, thief));
        await assertRefused(store, task, () => store.settle(interrupt(thief, null, START)));
      }
      assert.equal(node, "a");
      assert.equal(await finish(store, task), true);
    });

    test("happens once", async (store) => {
      const task = await running(store);
      assert.equal(await finish(store, task), true);
      await assertRefused(store, task, () => finish(store, task));
      await assertRefused(store, task, () =>
        store.settle(fail(task, attemptOf(task), "timeout", ERROR, null, START)),
      );
      await assertRefused(store, task, () => store.settle(interrupt(task, null, START)));
    });

    test("of an earlier lease is refused when the same node holds the next one", async (store) => {
      const first = await running(store);
      await store.settle(interrupt(first, null, START));
      const second = await claimOne(store, { lane: first.lane });
      assert.equal(second.lease.node, first.lease.node);
      await assertRefused(store, first, () => finish(store, first));
      assert.equal(await finish(store, second), true);
    });

    test("has one winner among many at once", async (store) => {
      const task = await running(store);
      const won = await Promise.all([1, 2, 3, 4, 5].map((at) => finish(store, task, START + at)));
      assert.deepEqual(won, [true, false, false, false, false]);
      assert.equal((await find(store, task.lease.taskId)).completedAt, START + 1);
    });
  });
}
