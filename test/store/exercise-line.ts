// Accepting, waiting, claiming: who comes next, and how many at once.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { interrupt, retry } from "../../src/task/transition.ts";
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
  positionOf,
  START,
  storeTest,
} from "./rig.ts";

export function exerciseLine(open: OpenForTest): void {
  describe("the line", () => {
    const test = storeTest(open);

    test("is first in, first out within a priority, the highest first", async (store) => {
      const priorities = [4, 0, 9, 4, 9, 0, 5, 4];
      const tasks = priorities.map((priority) => newTask({ priority }));
      for (const task of tasks) await store.enqueue(task, 100);
      const expected = [9, 5, 4, 0].flatMap((level) => tasks.filter(({ priority }) => priority === level));
      const claimed = [];
      for (const limit of [1, 2, 3, 9]) claimed.push(...(await claim(store, { limit })).tasks);
      assert.deepEqual(idsOf(claimed), idsOf(expected));
      assert.deepEqual(await claim(store), { tasks: [], nextDueAt: null, pending: 0 });
      await assertTallied(store);
    });

    test("answers place and length when it accepts", async (store) => {
      assert.deepEqual(await store.enqueue(newTask({ priority: 3 }), 9), { position: 1, pending: 1 });
      assert.deepEqual(await store.enqueue(newTask({ priority: 3 }), 9), { position: 2, pending: 2 });
      assert.deepEqual(await store.enqueue(newTask({ priority: 8 }), 9), { position: 1, pending: 3 });
      assert.deepEqual(await store.enqueue(newTask({ notBefore: START + 9 }), 9), {
        position: null,
        pending: 4,
      });
      assert.deepEqual(await store.enqueue(newTask({ priority: 0 }), 9), { position: 4, pending: 5 });
      await claim(store, { limit: 2 });
      assert.deepEqual(await store.enqueue(newTask({ priority: 3 }), 9), { position: 2, pending: 4 });
    });

    test("stores nothing beyond its capacity, which running tasks do not count against", async (store) => {
      const [first] = await enqueueMany(store, 2);
      const refused = newTask();
      assert.equal(await store.enqueue(refused, 2), null);
      assert.equal(await store.find(refused.id), null);
      assert.equal(await store.request(refused.id), null);
      assert.notEqual(await store.enqueue(newTask({ lane: "other" }), 2), null, "another lane has room");
      await assertTallied(store);
      assert.equal((await store.tally()).find(({ lane }) => lane === "lane")?.total.accepted, 2);

      const task = await claimOne(store);
      assert.equal(task.lease.taskId, first!.id);
      assert.notEqual(await store.enqueue(refused, 2), null, "room for the refused one, under its own id");
      await store.settle(interrupt(task, null, START));
      assert.equal(await store.enqueue(newTask(), 2), null, "one that came back counts");
    });

    test("counts delayed tasks against the capacity", async (store) => {
      await store.enqueue(newTask({ notBefore: START + 1 }), 1);
      assert.equal(await store.enqueue(newTask(), 1), null);
    });

    test("holds its capacity against many at once", async (store) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.enqueue(newTask(), 7)));
      assert.equal(answers.filter((answer) => answer !== null).length, 7);
      await assertTallied(store);
    });

    test("lets no more run at once than the cap, over all nodes", async (store) => {
      await enqueueMany(store, 20);
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, turn) =>
          claim(store, { node: turn % 2 === 0 ? "a" : "b", limit: 3, cap: 7 }),
        ),
      );
      const tasks = claims.flatMap((answer) => answer.tasks);
      assert.equal(tasks.length, 7);
      assert.equal(new Set(idsOf(tasks)).size, 7);
      assert.equal(new Set(tasks.map(({ lease }) => lease.node)).size, 2);
      await finish(store, tasks[0]!);
      await finish(store, tasks[6]!);
      assert.equal((await claim(store, { node: "b", cap: 7 })).tasks.length, 2);
      assert.equal((await claim(store, { node: "a", cap: 5 })).tasks.length, 0, "a cap that was lowered");
      await assertTallied(store);
    });

    test("is one of many lanes, each with its own order and cap", async (store) => {
      const [a] = await enqueueMany(store, 1, { lane: "a" });
      const [b] = await enqueueMany(store, 1, { lane: "b", priority: 9 });
      assert.deepEqual(idsOf((await claim(store, { lane: "a", cap: 1 })).tasks), [a!.id]);
      assert.deepEqual(idsOf((await claim(store, { lane: "b", cap: 1 })).tasks), [b!.id]);
      assert.deepEqual(await claim(store, { lane: "unheard of" }), {
        tasks: [],
        nextDueAt: null,
        pending: 0,
      });
    });

    test("is entered by a delayed task when it is due, and not before", async (store) => {
      const late = newTask({ notBefore: START + 300 });
      const early = newTask({ notBefore: START + 200 });
      const now = newTask();
      for (const task of [late, early, now]) await store.enqueue(task, 10);
      assert.equal(await positionOf(store, early.id), null);

      const first = await claim(store, { now: START + 199, limit: 1 });
      assert.deepEqual([idsOf(first.tasks), first.nextDueAt, first.pending], [[now.id], START + 200, 2]);
      const none = await claim(store, { now: START + 199 });
      assert.deepEqual([none.tasks.length, none.nextDueAt, none.pending], [0, START + 200, 2]);

      const atCap = await claim(store, { now: START + 200, cap: 1 });
      assert.deepEqual([atCap.tasks.length, atCap.nextDueAt], [0, START + 300]);
      assert.equal(await positionOf(store, early.id), 1, "in line although nothing is free");
      assert.equal((await find(store, early.id)).reason, "queued");
      assert.equal((await find(store, early.id)).notBefore, null);
      assert.equal((await find(store, late.id)).reason, "delayed");

      const both = await claim(store, { now: START + 300 });
      assert.deepEqual(idsOf(both.tasks), [late.id, early.id], "in order of acceptance");
      assert.deepEqual([both.nextDueAt, both.pending], [null, 0]);
    });

    test("takes in more tasks at once than one claim looks at, a claim at a time", async (store) => {
      await enqueueMany(store, 1_200, { notBefore: START + 5 });
      let claimed = 0;
      for (let turn = 0; turn < 10 && claimed < 1_200; turn++) {
        const { tasks, nextDueAt } = await claim(store, { now: START + 5, cap: 2_000 });
        claimed += tasks.length;
        assert.equal(nextDueAt, claimed < 1_200 ? START + 5 : null);
      }
      assert.equal(claimed, 1_200);
      await assertTallied(store);
    });

    test("skips tasks that are past their time, and gives them up", async (store) => {
      const overdue = newTask({ startBefore: START + 100, priority: 9 });
      const delayed = newTask({ startBefore: START + 90, notBefore: START + 5_000, priority: 9 });
      const patient = newTask({ startBefore: START + 101 });
      for (const task of [overdue, delayed, patient]) await store.enqueue(task, 10);
      assert.deepEqual(await store.giveUp(START + 89, 10), []);
      assert.deepEqual(idsOf((await claim(store, { now: START + 100 })).tasks), [patient.id]);
      assert.deepEqual(
        await store.giveUp(START + 100, 1),
        [{ id: delayed.id, lane: "lane", client: delayed.client }],
        "the longest overdue first",
      );
      assert.deepEqual(await store.giveUp(START + 105, 10), [
        { id: overdue.id, lane: "lane", client: overdue.client },
      ]);
      assert.deepEqual(await store.giveUp(START + 9_999, 10), []);
      const failed = await find(store, overdue.id);
      assert.deepEqual(
        [failed.state, failed.reason, failed.completedAt, failed.error?.code, failed.startedAt],
        ["failed", "expired_in_queue", START + 105, "expired_in_queue", null],
      );
      assert.equal((await find(store, delayed.id)).notBefore, null);
      assert.deepEqual(await claim(store, { now: START + 9_999 }), {
        tasks: [],
        nextDueAt: null,
        pending: 0,
      });
      await assertTallied(store);
    });

    test("does not give up a task that was started in time and waits for another try", async (store) => {
      const { id } = (await enqueueMany(store, 1, { startBefore: START + 100 }))[0]!;
      const task = await claimOne(store, { now: START + 99 });
      const error = { code: "connection_refused", message: "no" };
      await store.settle(retry(task, attemptOf(task), "retry_backoff", error, START + 500, START + 150));
      assert.deepEqual(await store.giveUp(START + 200, 10), []);
      assert.deepEqual(idsOf((await claim(store, { now: START + 500 })).tasks), [id]);
    });

    test("does give up a task whose only attempt was given back", async (store) => {
      const { id, client } = (await enqueueMany(store, 1, { startBefore: START + 100 }))[0]!;
      await store.settle(interrupt(await claimOne(store), null, START));
      assert.equal((await claim(store, { now: START + 100 })).tasks.length, 0);
      assert.deepEqual(await store.giveUp(START + 100, 10), [{ id, lane: "lane", client }]);
    });
  });
}
