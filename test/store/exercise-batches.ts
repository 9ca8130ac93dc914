// Tasks that are accepted together: all or none.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { NewBatch } from "../../src/store/batches.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { NewTask } from "../../src/task/task.ts";
import { newDedupe } from "./exercise-dedupe.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  claim,
  enqueueMany,
  find,
  finish,
  idsOf,
  listAll,
  newTask,
  noneOfEach,
  START,
  storeTest,
} from "./rig.ts";

let made = 0;

/** A batch unlike any other. */
function newBatch(tasks: readonly Partial<NewTask>[], overrides: Partial<NewBatch> = {}): NewBatch {
  const number = ++made;
  const id = `batch-${number}`;
  return {
    id,
    client: `owner-${number}`,
    createdAt: START + 7_000 + number,
    tasks: tasks.map((task) => newTask({ batch: id, ...task })),
    dedupe: null,
    ...overrides,
  };
}

function many(count: number, task: Partial<NewTask> = {}): Partial<NewTask>[] {
  return Array.from({ length: count }, () => task);
}

const ROOM: ReadonlyMap<string, number> = new Map([
  ["lane", 10_000],
  ["other", 10_000],
]);

export function exerciseBatches(open: OpenForTest): void {
  describe("a batch", () => {
    const test = storeTest(open);

    test("is accepted as its tasks would be one by one", async (store) => {
      const batch = newBatch([{}, { lane: "other" }, {}, { notBefore: START + 90_000 }]);
      assert.deepEqual(await store.batches.enqueue(batch, ROOM), [
        { position: 1, pending: 1 },
        { position: 1, pending: 1 },
        { position: 2, pending: 2 },
        { position: null, pending: 3 },
      ]);
      for (const task of batch.tasks) {
        const found = await find(store, task.id);
        assert.deepEqual(
          [found.batch, found.lane, found.client, found.path, found.createdAt, found.notBefore],
          [batch.id, task.lane, task.client, task.request.path, task.createdAt, task.notBefore],
        );
        assert.deepEqual(await store.request(task.id), task.request);
      }
      assert.equal((await find(store, (await enqueueMany(store, 1))[0]!.id)).batch, null);
      await assertTallied(store);
    });

    test("finds room for all or stores none, and says who had none", async (store) => {
      await enqueueMany(store, 2);
      const tasks = [{}, { lane: "other" }, {}, { lane: "other" }, {}, {}];
      const tight = new Map([...ROOM, ["lane", 5]]);
      const batch = newBatch(tasks, { dedupe: newDedupe() });
      assert.deepEqual(await store.batches.enqueue(batch, tight), { noRoomFor: 5 });
      assert.deepEqual(await store.batches.enqueue(batch, new Map([["lane", 100]])), { noRoomFor: 1 });
      assert.deepEqual(await store.batches.enqueue(batch, new Map([...ROOM, ["lane", 2]])), { noRoomFor: 0 });
      assert.equal(await store.batches.tally(batch.id), null);
      assert.equal(await store.idempotency.find(String(batch.dedupe?.key), START), null);
      assert.equal((await listAll(store)).tasks.length, 2);
      await assertTallied(store);

      const accepted = await store.batches.enqueue(batch, new Map([...ROOM, ["lane", 6]]));
      assert.ok(Array.isArray(accepted), "room for exactly so many");
      assert.equal((await listAll(store)).tasks.length, 8);
      await assertTallied(store);
    });

    test("with one impossible task stores none; what came with it is stored", async (store) => {
      const batch = newBatch([{}, {}, { priority: 10 }, {}], { dedupe: newDedupe() });
      const [alone] = [newTask()];
      const [refused, accepted] = await Promise.allSettled([
        store.batches.enqueue(batch, ROOM),
        store.enqueue(alone, 10),
      ]);
      assert.deepEqual([refused.status, accepted.status], ["rejected", "fulfilled"]);
      assert.deepEqual(idsOf((await listAll(store)).tasks), [alone.id]);
      assert.equal(await store.batches.tally(batch.id), null);
      assert.equal(await store.idempotency.find(String(batch.dedupe?.key), START), null);
      for (const { id } of batch.tasks) assert.equal(await store.request(id), null);
      assert.deepEqual(await store.fronts(), [
        { lane: "lane", priority: 4, id: alone.id, dueSince: alone.createdAt },
      ]);
      await assertTallied(store);
    });

    test("that comes again is the one that came before", async (store) => {
      const dedupe = newDedupe();
      const batches = Array.from({ length: 20 }, () => newBatch(many(5), { dedupe }));
      const answers = await Promise.all(batches.map((batch) => store.batches.enqueue(batch, ROOM)));
      assert.ok(Array.isArray(answers[0]));
      for (const answer of answers.slice(1))
        assert.deepEqual(answer, { duplicateOf: batches[0]!.id, isSame: true });
      const changed = newBatch([{}], { dedupe: { ...dedupe, fingerprint: "other" } });
      assert.deepEqual(await store.batches.enqueue(changed, ROOM), {
        duplicateOf: batches[0]!.id,
        isSame: false,
      });
      assert.equal((await listAll(store)).tasks.length, 5);
      await assertTallied(store);
    });

    test("is counted by state, and over when its last task is", async (store) => {
      const batch = newBatch([...many(5), { lane: "other" }]);
      await store.batches.enqueue(batch, ROOM);
      await store.batches.enqueue(newBatch(many(3, { lane: "other" })), ROOM);
      const about = { client: batch.client, createdAt: batch.createdAt, size: 6 };
      const tally = async (): Promise<unknown> => store.batches.tally(batch.id);
      assert.deepEqual(await tally(), {
        ...about,
        stored: { ...noneOfEach(), pending: 6 },
        completedAt: null,
      });

      const { tasks } = await claim(store, { limit: 3 });
      await finish(store, tasks[1]!, START + 800);
      await finish(store, tasks[0]!, START + 900);
      await store.cancel(batch.tasks[3]!.id, START + 700);
      assert.deepEqual(await tally(), {
        ...about,
        stored: { pending: 2, processing: 1, completed: 2, failed: 0, cancelled: 1 },
        completedAt: null,
      });
      await finish(store, tasks[2]!, START + 850);
      for (const index of [4, 5]) await store.cancel(batch.tasks[index]!.id, START + 600);
      assert.deepEqual(await tally(), {
        ...about,
        stored: { ...noneOfEach(), completed: 3, cancelled: 3 },
        completedAt: START + 900,
      });
      assert.equal(await store.batches.tally("batch-unknown"), null);
    });

    test("keeps its size when tasks are deleted, and goes with the last", async (store) => {
      const batch = newBatch(many(3));
      await store.batches.enqueue(batch, ROOM);
      for (const [index, { id }] of batch.tasks.entries()) await store.cancel(id, START + index);
      await store.remove(batch.tasks[1]!.id);
      assert.equal(await store.prune(START + 2, 1), 1);
      const left = await store.batches.tally(batch.id);
      assert.deepEqual([left?.size, left?.stored.cancelled, left?.completedAt], [3, 1, START + 2]);
      assert.equal(await store.prune(START + 3, 10), 1);
      assert.equal(await store.batches.tally(batch.id), null);
    });

    test("of a thousand is listed, newest first, by page and with every other filter", async (store) => {
      await enqueueMany(store, 50);
      const batch = newBatch([...many(999), { client: "only", labels: { team: "red" } }]);
      await store.batches.enqueue(batch, ROOM);
      await store.batches.enqueue(newBatch(many(50, { client: "only" })), ROOM);
      await claim(store, { limit: 60 });
      await cancelAll(store, batch.tasks.slice(500, 600));
      const newestFirst = idsOf(batch.tasks).toReversed();
      const inBatch = { batch: batch.id };
      for (const limit of [1_000, 300, 7]) {
        const { tasks, pages } = await listAll(store, inBatch, limit);
        assert.deepEqual(idsOf(tasks), newestFirst);
        assert.equal(pages, Math.ceil(1_000 / limit));
      }
      const count = async (filter: object): Promise<number> =>
        (await listAll(store, { ...inBatch, ...filter }, 300)).tasks.length;
      assert.equal(await count({ state: "processing" }), 10);
      assert.equal(await count({ state: "cancelled" }), 100);
      assert.equal(await count({ state: "pending" }), 890);
      assert.equal(await count({ state: "completed" }), 0);
      assert.equal(await count({ client: "only" }), 1);
      assert.equal(await count({ label: { key: "team", value: "red" } }), 1);
      assert.equal(await count({ batch: "batch-unknown" }), 0);
    });

    test("outlives the store", async (first, reopen) => {
      const batch = newBatch(many(4));
      await first.batches.enqueue(batch, ROOM);
      await first.cancel(batch.tasks[0]!.id, START);
      const before = await first.batches.tally(batch.id);
      const store = reopen === null ? first : await reopen();
      assert.deepEqual(await store.batches.tally(batch.id), before);
      assert.deepEqual(
        idsOf((await listAll(store, { batch: batch.id })).tasks),
        idsOf(batch.tasks).toReversed(),
      );
    });
  });
}

async function cancelAll(store: OpenStore, tasks: readonly NewTask[]): Promise<void> {
  await Promise.all(tasks.map(({ id }) => store.cancel(id, START)));
}
