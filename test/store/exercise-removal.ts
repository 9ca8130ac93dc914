// Deleting what has ended, with its bodies, and nothing else.

import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { describe } from "node:test";
import type { OpenStore } from "../../src/store/store.ts";
import type { Body } from "../../src/task/task.ts";
import { complete } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  attemptOf,
  claimOne,
  enqueueMany,
  find,
  finish,
  newTask,
  running,
  START,
  storeTest,
} from "./rig.ts";

async function storedFile(store: OpenStore, sizeBytes = 100_000): Promise<Body> {
  const sink = store.bodies.receive(sizeBytes);
  await sink.write(new Uint8Array(sizeBytes).fill(7));
  const body = await sink.finish();
  assert.equal(body.kind, "file");
  return body;
}

async function isReadable(store: OpenStore, body: Body): Promise<boolean> {
  return buffer(store.bodies.read(body)).then(
    () => true,
    () => false,
  );
}

/** A completed task with both bodies in files. */
async function endedWithFiles(store: OpenStore, at: number): Promise<{ id: string; files: Body[] }> {
  const files = [await storedFile(store), await storedFile(store)];
  const request = { method: "PUT", path: "/", headers: [], body: files[0]! };
  const task = await running(store, { request });
  await store.settle(complete(task, attemptOf(task), { status: 200, headers: [], body: files[1]! }, at));
  return { id: task.lease.taskId, files };
}

export function exerciseRemoval(open: OpenForTest): void {
  describe("removing", () => {
    const test = storeTest(open);

    test("deletes a final task and its files", async (store) => {
      const { id, files } = await endedWithFiles(store, START);
      const other = await endedWithFiles(store, START);
      for (const file of files) assert.equal(await isReadable(store, file), true);
      assert.equal((await store.remove(id))?.removed, true);
      for (const file of files) assert.equal(await isReadable(store, file), false);
      for (const file of other.files) assert.equal(await isReadable(store, file), true);
      assert.equal(await store.find(id), null);
      assert.equal(await store.request(id), null);
      assert.equal(await store.response(id), null);
      assert.equal(await store.remove(id), null);
      await assertTallied(store);
    });

    test("leaves the totals, which count since the store began", async (store) => {
      const task = await running(store);
      await finish(store, task);
      await store.remove(task.lease.taskId);
      const [tally] = await store.tally();
      assert.deepEqual(tally?.total, { accepted: 1, completed: 1, failed: 0, cancelled: 0 });
    });

    test("is refused while the task waits, runs, or holds a slot", async (store) => {
      await enqueueMany(store, 2, { client: "ann" });
      const task = await claimOne(store);
      const [pending] = (await store.list({ limit: 1 })).tasks;
      const whose = { lane: task.lane, client: "ann" };
      const { taskId } = task.lease;
      assert.deepEqual(await store.remove(pending!.id), { removed: false, state: "pending", ...whose });
      assert.deepEqual(await store.remove(taskId), { removed: false, state: "processing", ...whose });
      await store.cancel(taskId, START);
      assert.deepEqual(await store.remove(taskId), { removed: false, state: "cancelled", ...whose });
      await finish(store, task);
      assert.deepEqual(await store.remove(taskId), { removed: true, state: "cancelled", ...whose });
      assert.equal(await store.remove(newTask().id), null);
      await assertTallied(store);
    });
  });

  describe("pruning", () => {
    const test = storeTest(open);

    test("deletes what ended before an instant, oldest first, no more than asked for", async (store) => {
      const ends = [500, 100, 400, 200, 300];
      const tasks: { id: string; files: Body[] }[] = [];
      for (const end of ends) tasks.push(await endedWithFiles(store, START + end));
      const left = async (): Promise<number[]> => {
        const found = await Promise.all(tasks.map(({ id }) => store.find(id)));
        return ends.filter((_, index) => found[index] !== null);
      };
      assert.equal(await store.prune(START + 100, 10), 0, "not at that instant");
      assert.equal(await store.prune(START + 400, 2), 2);
      assert.deepEqual(await left(), [500, 400, 300]);
      assert.equal(await store.prune(START + 400, 2), 1);
      assert.deepEqual(await left(), [500, 400]);
      for (const [index, { files }] of tasks.entries()) {
        for (const file of files) assert.equal(await isReadable(store, file), ends[index]! >= 400);
      }
      await assertTallied(store);
    });

    test("of one lane leaves the others, and of all goes by each lane's own age", async (store) => {
      const old = await running(store, { lane: "b" });
      const older = await running(store, { lane: "b" });
      const other = await running(store, { lane: "a" });
      await finish(store, old, START + 20);
      await finish(store, older, START + 10);
      await finish(store, other, START + 30);
      assert.equal(await store.prune(START + 99, 10, "none"), 0);
      assert.equal(await store.prune(START + 99, 1, "b"), 1);
      assert.equal(await store.find(older.lease.taskId), null);
      assert.equal(await store.prune(START + 20, 10), 0);
      assert.equal(await store.prune(START + 99, 10), 2, "both lanes");
      assert.deepEqual((await store.list({ limit: 5 })).tasks, []);
      await assertTallied(store);
    });

    test("never deletes what has not ended or still holds a slot", async (store) => {
      await enqueueMany(store, 1, { notBefore: START + 1, lane: "x" });
      const processing = await running(store);
      const cancelled = await running(store);
      await store.cancel(cancelled.lease.taskId, START);
      assert.equal(await store.prune(Number.MAX_SAFE_INTEGER, 100), 0);
      await finish(store, cancelled);
      assert.equal(await store.prune(Number.MAX_SAFE_INTEGER, 100), 1);
      assert.equal(await store.find(cancelled.lease.taskId), null);
      assert.equal((await find(store, processing.lease.taskId)).state, "processing");
      await assertTallied(store);
    });
  });
}
