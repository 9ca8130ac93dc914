// Pages of tasks: order, filters, and cursors that lose nothing and double nothing.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { ListFilter, OpenStore } from "../../src/store/store.ts";
import type { NewTask } from "../../src/task/task.ts";
import { fail } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import {
  attemptOf,
  claimOne,
  enqueueAll,
  enqueueMany,
  finish,
  idsOf,
  listAll,
  newTask,
  running,
  START,
  storeTest,
} from "./rig.ts";

/** One task in each state, each in a lane of its own, oldest first. */
async function oneOfEach(store: OpenStore): Promise<Record<string, string>> {
  const completed = await running(store, { createdAt: START + 10 });
  await finish(store, completed);
  const failed = await running(store, { createdAt: START + 20 });
  await store.settle(fail(failed, attemptOf(failed), "timeout", { code: "x", message: "x" }, null, START));
  const cancelled = await running(store, { createdAt: START + 30 });
  await store.cancel(cancelled.lease.taskId, START);
  const processing = await running(store, { createdAt: START + 40 });
  const pending = newTask({ createdAt: START + 50 });
  await store.enqueue(pending, 1);
  return {
    completed: completed.lease.taskId,
    failed: failed.lease.taskId,
    cancelled: cancelled.lease.taskId,
    processing: processing.lease.taskId,
    pending: pending.id,
  };
}

function withRequest(method: string, path: string, overrides: Partial<NewTask> = {}): NewTask {
  const task = newTask(overrides);
  return { ...task, request: { ...task.request, method, path } };
}

export function exerciseLists(open: OpenForTest): void {
  describe("lists", () => {
    const test = storeTest(open);

    test("are newest first, and filtered by state", async (store) => {
      assert.deepEqual(await store.list({ limit: 5 }), { tasks: [], next: null });
      const ids = await oneOfEach(store);
      assert.deepEqual(idsOf((await listAll(store)).tasks), Object.values(ids).toReversed());
      for (const state of ["completed", "failed", "cancelled", "processing", "pending"] as const) {
        assert.deepEqual(idsOf((await listAll(store, { state })).tasks), [ids[state]]);
      }
    });

    test("are filtered by every field, and by several at once", async (store) => {
      const tasks = [
        withRequest("GET", "/v1/images/1", { lane: "a", client: "ann", labels: { team: "red", tier: "1" } }),
        withRequest("POST", "/v1/images/2", { lane: "b", client: "ann", labels: { team: "blue" } }),
        withRequest("POST", "/v1/audio?x=images", { lane: "a", client: "bob", labels: { tier: "red" } }),
        withRequest("POST", "/v1_images", { lane: "b", client: "bob" }),
      ];
      await enqueueAll(store, tasks);
      const text = tasks[2]!.id.slice(4, 30);
      const cases: readonly [Omit<ListFilter, "limit">, readonly number[]][] = [
        [{ lane: "a" }, [2, 0]],
        [{ method: "POST" }, [3, 2, 1]],
        [{ client: "ann" }, [1, 0]],
        [{ pathPrefix: "/v1/images" }, [1, 0]],
        [{ pathPrefix: "/v1_" }, [3]],
        [{ pathPrefix: "%" }, []],
        [{ label: { key: "team", value: "red" } }, [0]],
        [{ label: { key: "tier", value: "red" } }, [2]],
        [{ label: { key: "team", value: "" } }, []],
        [{ text: "images" }, [3, 2, 1, 0]],
        [{ text }, [2]],
        [{ text: "blue" }, [1]],
        [{ text: "tier=" }, [2, 0]],
        [{ text: "1}" }, []],
        [{ lane: "a", client: "bob", state: "pending", text: "audio" }, [2]],
        [{ lane: "a", client: "bob", state: "failed" }, []],
      ];
      for (const [filter, expected] of cases) {
        const found = idsOf((await listAll(store, filter)).tasks);
        assert.deepEqual(
          found,
          expected.map((index) => tasks[index]!.id),
          JSON.stringify(filter),
        );
      }
    });

    test("have short pages where there is much to a task, and none is left out", async (store) => {
      const tasks = Array.from({ length: 100 }, (_, i) => withRequest("GET", `/${i}/${"x".repeat(31_000)}`));
      await enqueueAll(store, tasks);
      const all = tasks.map(({ id }) => id).toReversed();
      const pages: (readonly string[])[] = [];
      let next: string | null = null;
      do {
        const page = await store.list({ limit: 1_000, ...(next === null ? {} : { after: next }) });
        pages.push(idsOf(page.tasks));
        ({ next } = page);
      } while (next !== null);
      assert.deepEqual(pages.flat(), all);
      assert.ok(
        pages.slice(0, -1).every(({ length }) => length >= 30 && length <= 34),
        String(pages.map(({ length }) => length)),
      );
      assert.deepEqual((await store.list({ limit: 2 })).tasks.length, 2);
    });

    test("hold what was accepted from `since` on and before `until`", async (store) => {
      const tasks = [10, 20, 20, 30].map((ms) => newTask({ createdAt: START + ms }));
      await enqueueAll(store, tasks);
      const between = async (since: number, until: number): Promise<number[]> => {
        const found = await listAll(store, { since: START + since, until: START + until });
        return found.tasks.map(({ createdAt }) => createdAt - START);
      };
      assert.deepEqual(await between(10, 30), [20, 20, 10]);
      assert.deepEqual(await between(11, 20), []);
      assert.deepEqual(await between(20, 21), [20, 20]);
      assert.deepEqual(await between(30, 31), [30]);
      assert.deepEqual(await between(31, 99), []);
      assert.deepEqual(await between(0, 10), []);
      assert.deepEqual(await between(-5, 99), [30, 20, 20, 10]);
    });

    test("go on over all pages without loss or double while tasks arrive and move", async (store) => {
      const tasks = await enqueueMany(store, 95);
      for (const filter of [{}, { state: "pending" }, { method: "POST" }, { since: START }] as const) {
        const seen: string[] = [];
        let after: string | undefined;
        for (
          let page = await store.list({ ...filter, limit: 10 });
          ;
          page = await store.list({ ...filter, limit: 10, after: after })
        ) {
          seen.push(...idsOf(page.tasks));
          await store.enqueue(newTask({ lane: "new" }), 1_000);
          await store.amend(page.tasks[0]!.id, { priority: 9 });
          if (page.next === null) break;
          assert.equal(page.tasks.length, 10);
          after = page.next;
        }
        const ours = seen.filter((id) => tasks.some((task) => task.id === id));
        assert.deepEqual(ours, idsOf(tasks).toReversed());
        assert.equal(new Set(seen).size, seen.length);
      }
    });

    test("end where they end: a last page that is exactly full names no next", async (store) => {
      const tasks = await enqueueMany(store, 20);
      const first = await store.list({ limit: 10 });
      assert.equal(first.next, tasks[10]!.id);
      assert.deepEqual((await store.list({ limit: 10, after: first.next })).next, null);
      assert.equal((await store.list({ limit: 20 })).next, null);
    });

    test("go on when the task that the cursor names has been deleted", async (store) => {
      await enqueueMany(store, 6);
      const ended = await claimAll(store);
      const { next } = await store.list({ limit: 3 });
      assert.equal(next, ended[3]);
      await store.remove(next);
      await store.remove(ended[2]!);
      const rest = await store.list({ limit: 3, after: next });
      assert.deepEqual(idsOf(rest.tasks), [ended[1], ended[0]]);
    });

    test("read a bounded number of rows a page, and reach the one match in many", async (store) => {
      const rare = [
        newTask({ client: "rare", createdAt: START - 50 }),
        newTask({ client: "rare", createdAt: START - 40 }),
      ];
      await store.enqueue(rare[0]!, 1);
      await enqueueMany(store, 12_000, { createdAt: START });
      await store.enqueue(rare[1]!, Infinity);
      await enqueueMany(store, 13_500, { createdAt: START + 1 });
      for (const filter of [{ client: "rare" }, { client: "rare", state: "pending" }] as const) {
        const first = await store.list({ ...filter, limit: 10 });
        assert.deepEqual(idsOf(first.tasks), [rare[1]!.id]);
        assert.notEqual(first.next, null, "a short page says where to go on");
        assert.deepEqual(idsOf((await listAll(store, filter)).tasks), [rare[1]!.id, rare[0]!.id]);
      }
      assert.equal((await listAll(store, { until: START + 1 }, 1_000)).tasks.length, 12_002);
      assert.equal((await listAll(store, { since: START + 1 }, 1_000)).tasks.length, 13_500);
    });
  });
}

/** Ends all that is pending; ids, oldest first. */
async function claimAll(store: OpenStore): Promise<string[]> {
  const ids: string[] = [];
  for (let left = 6; left > 0; left--) {
    const task = await claimOne(store);
    await finish(store, task);
    ids.push(task.lease.taskId);
  }
  return ids;
}
