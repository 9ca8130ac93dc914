// Taking a task out of its lane into another.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  attemptOf,
  claim,
  claimOne,
  enqueueMany,
  find,
  idsOf,
  newTask,
  positionOf,
  START,
  storeTest,
} from "./rig.ts";

export function exerciseMoving(open: OpenForTest): void {
  describe("moving to another lane", () => {
    const test = storeTest(open);

    test("takes a task there as if it came now, with its counts", async (store) => {
      const others = await enqueueMany(store, 2, { lane: "new", priority: 7 });
      const [kept, moved] = [newTask({ lane: "old" }), newTask({ lane: "old", priority: 7 })];
      for (const task of [kept, moved]) await store.enqueue(task, 10);
      assert.equal(await store.amend(moved.id, { lane: "new" }), true);
      assert.equal((await find(store, moved.id)).lane, "new");
      assert.equal(await positionOf(store, moved.id), 3);
      assert.equal(await positionOf(store, kept.id), 1);
      const pending = Object.fromEntries(
        (await store.tally()).map(({ lane, stored }) => [lane, stored.pending]),
      );
      assert.deepEqual(pending, { new: 3, old: 1 });
      await assertTallied(store);
      assert.deepEqual(idsOf((await claim(store, { lane: "new" })).tasks), [...idsOf(others), moved.id]);
      assert.deepEqual(idsOf((await claim(store, { lane: "old" })).tasks), [kept.id]);
    });

    test("takes delayed ones along, and those that wait for another try", async (store) => {
      const delayed = newTask({ lane: "old", notBefore: START + 50 });
      const tried = newTask({ lane: "old" });
      for (const task of [delayed, tried]) await store.enqueue(task, 10);
      const running = await claimOne(store, { lane: "old" });
      assert.equal(await store.amend(tried.id, { lane: "new" }), false, "not while it runs");
      const error = { code: "x", message: "x" };
      await store.settle(retry(running, attemptOf(running), "retry_backoff", error, START + 60, START));
      for (const { id } of [delayed, tried]) assert.equal(await store.amend(id, { lane: "new" }), true);
      assert.deepEqual(await claim(store, { lane: "old", now: START + 99 }), {
        tasks: [],
        nextDueAt: null,
        pending: 0,
      });
      assert.equal((await find(store, tried.id)).reason, "retry_backoff");
      assert.equal((await claim(store, { lane: "new", now: START + 49 })).nextDueAt, START + 50);
      assert.deepEqual(
        idsOf((await claim(store, { lane: "new", now: START + 60 })).tasks).toSorted(),
        idsOf([delayed, tried]).toSorted(),
      );
    });
  });
}
