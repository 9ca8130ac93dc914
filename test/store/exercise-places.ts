// Places in line, exact however long the line is, and what amending does to them.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { OpenStore } from "../../src/store/store.ts";
import type { NewTask } from "../../src/task/task.ts";
import { interrupt, retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  attemptOf,
  claim,
  claimOne,
  enqueueAll,
  enqueueMany,
  find,
  finish,
  idsOf,
  newTask,
  positionOf,
  START,
  storeTest,
} from "./rig.ts";

/** The places of all these tasks are 1, 2, 3, … */
async function assertPlaces(store: OpenStore, line: readonly NewTask[], every = 1): Promise<void> {
  const asked = line.filter((_, index) => index % every === 0 || index === line.length - 1);
  const places = await Promise.all(asked.map(({ id }) => positionOf(store, id)));
  assert.deepEqual(
    places,
    asked.map((task) => line.indexOf(task) + 1),
  );
}

export function exercisePlaces(open: OpenForTest): void {
  describe("places in line", () => {
    const test = storeTest(open);

    test("are exact in a line of thousands, as tasks come, go and move", async (store) => {
      const tasks = Array.from({ length: 3_500 }, (_, index) =>
        newTask({ priority: [4, 4, 6, 2][index % 4]! }),
      );
      await enqueueAll(store, tasks);
      let line = [6, 4, 2].flatMap((level) => tasks.filter(({ priority }) => priority === level));
      await assertPlaces(store, line, 97);

      const claimed = await claim(store, { limit: 1_000 });
      assert.deepEqual(idsOf(claimed.tasks), idsOf(line.slice(0, 1_000)));
      line = line.slice(1_000);
      await assertPlaces(store, line, 97);

      const leaving = new Set(line.filter((_, index) => index % 5 === 0));
      await Promise.all([...leaving].map(({ id }) => store.cancel(id, START)));
      line = line.filter((task) => !leaving.has(task));
      await assertPlaces(store, line, 97);

      const raised = line.at(-1)!;
      await store.amend(raised.id, { priority: 9 });
      line = [raised, ...line.slice(0, -1)];
      const postponed = line[700]!;
      await store.amend(postponed.id, { notBefore: START + 1_000 });
      assert.equal(await positionOf(store, postponed.id), null);
      line = line.filter((task) => task !== postponed);
      await assertPlaces(store, line, 97);

      await assertTallied(store);
      assert.deepEqual(idsOf((await claim(store, { limit: 5, cap: 5_000 })).tasks), idsOf(line.slice(0, 5)));
    });

    test("are given back to a task that comes back: it stood there before", async (store) => {
      const tasks = await enqueueMany(store, 3);
      const first = await claimOne(store);
      const second = await claimOne(store);
      await assertPlaces(store, tasks.slice(2));
      await store.settle(interrupt(first, null, START));
      const error = { code: "x", message: "x" };
      await store.settle(retry(second, attemptOf(second), "retry_backoff", error, START + 10, START));
      assert.equal(await positionOf(store, tasks[1]!.id), null, "waits for its next try");
      await assertPlaces(store, [tasks[0]!, tasks[2]!]);
      await claim(store, { now: START + 10, cap: 0 });
      await assertPlaces(store, tasks);
    });

    test("are null for tasks that do not wait", async (store) => {
      await enqueueMany(store, 2);
      const task = await claimOne(store);
      assert.equal(await positionOf(store, task.lease.taskId), null);
      await finish(store, task);
      assert.equal(await positionOf(store, task.lease.taskId), null);
    });

    test("are told rightly to those who ask while others write", async (store) => {
      await enqueueMany(store, 2_100);
      const [neighbour, last] = [newTask(), newTask()];
      await store.enqueue(neighbour, Infinity);
      const [, , , found] = await Promise.all([
        store.enqueue(last, Infinity),
        claim(store, { limit: 600 }),
        store.cancel(neighbour.id, START),
        store.find(last.id),
      ]);
      // As after none, one, two or three of the writes; never as after the third without the second.
      const position = found === null ? null : found.position;
      assert.ok([null, 2_102, 1_502, 1_501].includes(position), `position ${position}`);
      assert.equal(await positionOf(store, last.id), 1_501);
    });
  });

  describe("amending", () => {
    const test = storeTest(open);

    test("changes priority and due time of a pending task", async (store) => {
      const [task] = await enqueueMany(store, 1);
      assert.equal(await store.amend(task!.id, { priority: 8 }), true);
      assert.deepEqual(pick(await find(store, task!.id)), [8, null, "queued"]);
      assert.equal(await store.amend(task!.id, { notBefore: START + 70 }), true);
      assert.deepEqual(pick(await find(store, task!.id)), [8, START + 70, "delayed"]);
      assert.equal((await claim(store, { now: START + 69 })).nextDueAt, START + 70);
      assert.equal(await store.amend(task!.id, { priority: 1, notBefore: null }), true);
      assert.deepEqual(pick(await find(store, task!.id)), [1, null, "queued"]);
      assert.equal(await positionOf(store, task!.id), 1);
      assert.equal(await store.amend(task!.id, {}), true);
      assert.equal(await positionOf(store, task!.id), 1);
      await assertTallied(store);
    });

    test("of the due time moves the time to start within along, and never closer", async (store) => {
      const task = newTask({ createdAt: START, notBefore: START + 100, startBefore: START + 150 });
      await store.enqueue(task, 10);
      await store.amend(task.id, { notBefore: START + 600 });
      assert.equal((await find(store, task.id)).startBefore, START + 650);
      await store.amend(task.id, { notBefore: START + 200 });
      assert.equal((await find(store, task.id)).startBefore, START + 650);
      await store.amend(task.id, { notBefore: null });
      assert.equal((await find(store, task.id)).startBefore, START + 650);
    });

    test("of the priority leaves standing why the task waits", async (store) => {
      await enqueueMany(store, 1);
      const task = await claimOne(store);
      const error = { code: "x", message: "x" };
      await store.settle(retry(task, attemptOf(task), "retry_backoff", error, START + 10, START));
      await store.amend(task.lease.taskId, { priority: 9 });
      assert.deepEqual(pick(await find(store, task.lease.taskId)), [9, START + 10, "retry_backoff"]);
      await claim(store, { now: START + 10, cap: 0 });
      await store.amend(task.lease.taskId, { priority: 8 });
      assert.deepEqual(pick(await find(store, task.lease.taskId)), [8, null, "retry_backoff"]);
    });

    test("is too late once the task runs or has ended, and impossible for a stranger", async (store) => {
      await enqueueMany(store, 1);
      const task = await claimOne(store);
      const { taskId } = task.lease;
      assert.equal(await store.amend(taskId, { priority: 9 }), false);
      await finish(store, task);
      assert.equal(await store.amend(taskId, { priority: 9, notBefore: START }), false);
      assert.deepEqual(pick(await find(store, taskId)), [4, null, "completed"]);
      assert.equal(await store.amend(newTask().id, { priority: 9 }), null);
    });
  });
}

function pick(task: { priority: number; notBefore: number | null; reason: string }): unknown[] {
  return [task.priority, task.notBefore, task.reason];
}
