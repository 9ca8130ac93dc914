// Who is next in each line, and since when.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import { attemptOf, claim, claimOne, newTask, START, storeTest } from "./rig.ts";

export function exerciseFronts(open: OpenForTest): void {
  describe("the fronts of the lines", () => {
    const test = storeTest(open);

    test("are the first of each lane and priority, of those that are due", async (store) => {
      const first = newTask({ client: "a", createdAt: START });
      const urgent = newTask({ client: "a", createdAt: START + 50, priority: 9 });
      const other = newTask({ lane: "other", createdAt: START + 70 });
      await store.enqueue(first, 100);
      await store.enqueue(newTask({ client: "a", createdAt: START + 10 }), 100);
      await store.enqueue(urgent, 100);
      await store.enqueue(other, 100);
      await store.enqueue(newTask({ lane: "later", notBefore: START + 10_000 }), 100);
      assert.deepEqual(await store.fronts(), [
        { lane: "lane", priority: 9, id: urgent.id, dueSince: START + 50 },
        { lane: "lane", priority: 4, id: first.id, dueSince: START },
        { lane: "other", priority: 4, id: other.id, dueSince: START + 70 },
      ]);
      await claim(store);
      await claim(store, { lane: "other" });
      assert.deepEqual(await store.fronts(), []);
    });

    test("have waited since they fell due, not since they were accepted", async (store) => {
      const delayed = newTask({ createdAt: START, notBefore: START + 5_000 });
      await store.enqueue(delayed, 100);
      await claim(store, { limit: 0, now: START + 8_000 });
      const front = { lane: "lane", priority: 4, id: delayed.id };
      assert.deepEqual(await store.fronts(), [{ ...front, dueSince: START + 5_000 }]);

      const task = await claimOne(store, { now: START + 9_000 });
      const error = { code: "connection_refused", message: "refused" };
      await store.settle(retry(task, attemptOf(task), "retry_backoff", error, START + 20_000, START + 9_500));
      await claim(store, { limit: 0, now: START + 21_000 });
      assert.deepEqual(await store.fronts(), [{ ...front, dueSince: START + 20_000 }]);
    });
  });
}
