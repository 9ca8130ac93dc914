// Pages of deliveries.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { DeliveryFilter } from "../../src/store/outbox.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { FinalState } from "../../src/task/task.ts";
import { newDelivery } from "./exercise-outbox.ts";
import type { OpenForTest } from "./rig.ts";
import { newTask, START, storeTest } from "./rig.ts";

/** Every page, put together. */
async function listAll(
  store: OpenStore,
  filter: Omit<DeliveryFilter, "limit" | "after">,
  limit: number,
): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let after: string | null = null;
  let pages = 0;
  do {
    const page = await store.outbox.list({ ...filter, limit, ...(after === null ? {} : { after }) });
    assert.ok(page.deliveries.length <= limit);
    ids.push(...page.deliveries.map(({ id }) => id));
    after = page.next;
    pages += 1;
  } while (after !== null);
  return { ids, pages };
}

/** A task of a client that is cancelled, and tells an endpoint. */
async function cancelled(store: OpenStore, client: string, endpoint: string): Promise<string> {
  const on: FinalState[] = ["cancelled"];
  const task = newTask({ client, callbacks: [{ endpoint, url: "https://told.example/", on }] });
  await store.enqueue(task, 100);
  await store.cancel(task.id, START);
  return task.id;
}

export function exerciseDeliveryLists(open: OpenForTest): void {
  describe("lists of deliveries", () => {
    const test = storeTest(open);

    test("are newest first, and filtered by every field, and by several at once", async (store) => {
      assert.deepEqual(await store.outbox.list({ limit: 5 }), { deliveries: [], next: null });
      const tasks = [
        await cancelled(store, "ann", "x"),
        await cancelled(store, "bob", "y"),
        await cancelled(store, "ann", "y"),
      ];
      const alert = newDelivery({ endpoint: "x" });
      await store.outbox.add([alert]);
      await store.outbox.record(
        alert.id,
        { at: START, durationMs: 1, status: 200, error: null },
        { state: "delivered" },
      );
      const about = async (filter: Omit<DeliveryFilter, "limit">): Promise<(string | null)[]> =>
        (await store.outbox.list({ limit: 10, ...filter })).deliveries.map(({ taskId }) => taskId);
      const [first, second, third] = tasks;
      assert.deepEqual(await about({}), [null, third, second, first]);
      assert.deepEqual(await about({ client: "ann" }), [third, first]);
      assert.deepEqual(await about({ endpoint: "x" }), [null, first]);
      assert.deepEqual(await about({ endpoint: "y", client: "ann" }), [third]);
      assert.deepEqual(await about({ state: "delivered" }), [null]);
      assert.deepEqual(await about({ state: "pending" }), tasks.toReversed());
      assert.deepEqual(await about({ state: "failed" }), []);
      assert.deepEqual(await about({ taskId: String(second) }), [second]);
      assert.deepEqual(await about({ taskId: String(second), client: "ann" }), []);
    });

    test("go on over all pages, and end where they end", async (store) => {
      const added = Array.from({ length: 20 }, (_, index) =>
        newDelivery({ endpoint: index % 4 === 0 ? "x" : "y" }),
      );
      await store.outbox.add(added);
      const newestFirst = added.map(({ id }) => id).toReversed();
      assert.deepEqual(await listAll(store, {}, 10), { ids: newestFirst, pages: 2 });
      assert.deepEqual(await listAll(store, {}, 3), { ids: newestFirst, pages: 7 });
      const ofX = added.flatMap(({ id, endpoint }) => (endpoint === "x" ? [id] : [])).toReversed();
      assert.deepEqual(await listAll(store, { endpoint: "x" }, 2), { ids: ofX, pages: 3 });
      assert.deepEqual(await store.outbox.list({ limit: 5, after: "msg_unknown" }), {
        deliveries: [],
        next: null,
      });
    });

    test("of one task have all that it told, by page", async (store) => {
      const on: FinalState[] = ["cancelled"];
      const callbacks = ["x", "y", "z"].map((endpoint) => ({ endpoint, url: "https://told.example/", on }));
      const task = newTask({ callbacks });
      await store.enqueue(task, 100);
      await cancelled(store, "ann", "x");
      await store.cancel(task.id, START);
      assert.equal((await listAll(store, { taskId: task.id }, 2)).pages, 2);
      assert.equal((await listAll(store, { taskId: task.id }, 2)).ids.length, 3);
    });

    test("read a bounded number of rows a page, and reach the one match in many", async (store) => {
      const rare = [newDelivery({ endpoint: "rare" }), newDelivery({ endpoint: "rare" })];
      await store.outbox.add([rare[0]!, ...Array.from({ length: 12_000 }, () => newDelivery())]);
      await store.outbox.add([rare[1]!, ...Array.from({ length: 13_500 }, () => newDelivery())]);
      const first = await store.outbox.list({ endpoint: "rare", limit: 10 });
      assert.deepEqual(
        first.deliveries.map(({ id }) => id),
        [rare[1]!.id],
      );
      assert.notEqual(first.next, null, "a short page says where to go on");
      assert.deepEqual((await listAll(store, { endpoint: "rare" }, 10)).ids, [rare[1]!.id, rare[0]!.id]);
    });
  });
}
