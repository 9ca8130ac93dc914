// Who is told that a task has ended: written with its end, once, and for nothing else.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Delivery } from "../../src/store/outbox.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { Callback, FinalState } from "../../src/task/task.ts";
import { complete, fail, interrupt, retry, standDown } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import { ANSWER, attemptOf, claimOne, find, finish, newTask, running, START, storeTest } from "./rig.ts";

const ERROR = { code: "timeout", message: "late" };
const ENDS: readonly FinalState[] = ["completed", "failed", "cancelled"];
const ALL: Callback = { endpoint: "all", url: "https://all.example/hook", on: ENDS };
const FAILURES: Callback = { endpoint: null, url: "https://bad.example/hook?x=1", on: ["failed"] };

/** Each as task, type and URL; the oldest first. */
async function owed(store: OpenStore, taskId?: string): Promise<unknown[]> {
  const filter = taskId === undefined ? {} : { taskId };
  const { deliveries } = await store.outbox.list({ limit: 100, ...filter });
  return deliveries.map((each) => [each.taskId, each.type, each.url]).toReversed();
}

/** Ways for a task to end: its id, and the instant. */
const ENDINGS: Readonly<
  Record<string, (store: OpenStore) => Promise<readonly [string, FinalState, number]>>
> = {
  "settled as completed": async (store) => {
    const task = await running(store, { callbacks: [ALL, FAILURES] });
    await store.settle(complete(task, attemptOf(task), ANSWER, START + 301));
    return [task.lease.taskId, "completed", START + 301];
  },
  "settled as failed": async (store) => {
    const task = await running(store, { callbacks: [ALL, FAILURES] });
    await store.settle(fail(task, attemptOf(task), "timeout", ERROR, null, START + 302));
    return [task.lease.taskId, "failed", START + 302];
  },
  "settled as cancelled": async (store) => {
    const task = await running(store, { callbacks: [ALL, FAILURES] });
    await store.settle(standDown(task, attemptOf(task), START + 303));
    return [task.lease.taskId, "cancelled", START + 303];
  },
  "cancelled while it runs": async (store) => {
    const task = await running(store, { callbacks: [ALL, FAILURES] });
    await store.cancel(task.lease.taskId, START + 304);
    await store.settle(standDown(task, attemptOf(task), START + 399));
    return [task.lease.taskId, "cancelled", START + 304];
  },
  "cancelled while it waits": async (store) => {
    const task = newTask({ callbacks: [ALL, FAILURES] });
    await store.enqueue(task, 1);
    await store.cancel(task.id, START + 305);
    return [task.id, "cancelled", START + 305];
  },
  "given up": async (store) => {
    const task = newTask({ callbacks: [ALL, FAILURES], startBefore: START + 300 });
    await store.enqueue(task, 1);
    await store.giveUp(START + 306, 10);
    return [task.id, "failed", START + 306];
  },
  "taken over and failed": async (store) => {
    const lost = await running(store, { callbacks: [ALL, FAILURES] });
    const [task] = await store.takeOver("b", START, false);
    assert.equal(await finish(store, lost), false);
    await store.settle(fail(task!, attemptOf(task!), "node_lost", ERROR, null, START + 307));
    return [lost.lease.taskId, "failed", START + 307];
  },
  "accepted in a batch and cancelled": async (store) => {
    const task = newTask({ callbacks: [ALL, FAILURES], batch: "batch" });
    const batch = { id: "batch", client: "c", createdAt: START, tasks: [task], dedupe: null };
    await store.batches.enqueue(batch, new Map([[task.lane, 1]]));
    await store.cancel(task.id, START + 308);
    return [task.id, "cancelled", START + 308];
  },
};

export function exerciseOwed(open: OpenForTest): void {
  describe("what is owed for a task", () => {
    const test = storeTest(open);

    for (const [how, end] of Object.entries(ENDINGS)) {
      test(`that is ${how} is there with its end, once for each who asked`, async (first, reopen) => {
        const [id, state, at] = await end(first);
        const store = reopen === null ? first : await reopen();
        const { client, state: found, callbacks } = await find(store, id);
        assert.deepEqual([found, callbacks], [state, [ALL, FAILURES]]);
        const asked = [ALL, FAILURES].filter(({ on }) => on.includes(state));
        const { deliveries, next } = await store.outbox.list({ limit: 10 });
        assert.deepEqual(
          deliveries.toReversed(),
          asked.map(({ endpoint, url }, index): Delivery => ({
            id: deliveries.at(-1 - index)!.id,
            endpoint,
            url,
            type: `task.${state}`,
            payload: null,
            taskId: id,
            client,
            taskState: state,
            state: "pending",
            createdAt: at,
            nextAt: at,
            endedAt: null,
            tries: 0,
            log: [],
          })),
        );
        assert.equal(next, null);
        for (const delivery of deliveries) assert.match(delivery.id, /^msg_[\w-]{20,}$/);
        assert.equal(new Set(deliveries.map((delivery) => delivery.id)).size, asked.length);
      });
    }

    test("is nothing before its end, nor for who did not ask", async (store) => {
      await finish(store, await running(store));
      await finish(store, await running(store, { callbacks: [FAILURES] }));
      let task = await running(store, { callbacks: [ALL] });
      await store.settle(retry(task, attemptOf(task), "retry_backoff", ERROR, START, START));
      task = await claimOne(store, { lane: task.lane, now: START + 60_000 });
      await store.settle(interrupt(task, null, START));
      task = await claimOne(store, { lane: task.lane, now: START + 60_000 });
      await store.amend(task.lease.taskId, { priority: 9 });
      assert.deepEqual(await owed(store), []);
      await finish(store, task);
      assert.deepEqual(await owed(store), [[task.lease.taskId, "task.completed", ALL.url]]);
    });

    test("is not owed again by whoever comes too late", async (store) => {
      const task = await running(store, { callbacks: [ALL] });
      const { taskId } = task.lease;
      const thief = { ...task, lease: { ...task.lease, epoch: 9 } };
      assert.equal(await finish(store, thief), false);
      assert.deepEqual(await owed(store), []);
      const [settled, cancelled] = await Promise.all([finish(store, task), store.cancel(taskId, START)]);
      assert.notEqual(settled, cancelled?.changed);
      await finish(store, task);
      await store.cancel(taskId, START + 9);
      const { state } = await find(store, taskId);
      assert.deepEqual(await owed(store), [[taskId, `task.${state}`, ALL.url]]);
    });

    test("outlives the task", async (store) => {
      const task = await running(store, { callbacks: [ALL] });
      await finish(store, task);
      await store.remove(task.lease.taskId);
      const { deliveries } = await store.outbox.take(START + 900_000, START + 900_001, 5);
      assert.deepEqual(
        deliveries.map(({ taskId, taskState, client }) => [taskId, taskState, client]),
        [[task.lease.taskId, "completed", task.client]],
      );
    });

    test("to a receiver that is gone fails at once, and says why", async (store) => {
      await store.outbox.disable(ALL.url, START);
      const task = newTask({ callbacks: [ALL, { ...FAILURES, on: ENDS }] });
      await store.enqueue(task, 1);
      await store.cancel(task.id, START + 40);
      const [other, gone] = (await store.outbox.list({ limit: 5 })).deliveries;
      assert.deepEqual([other?.url, other?.state], [FAILURES.url, "pending"]);
      assert.deepEqual(
        [gone?.url, gone?.state, gone?.nextAt, gone?.endedAt, gone?.tries],
        [ALL.url, "failed", null, START + 40, 0],
      );
      assert.match(String(gone?.log[0]?.error), /410/);
      const { deliveries } = await store.outbox.take(START + 40, START + 50, 5);
      assert.deepEqual(
        deliveries.map(({ url }) => url),
        [FAILURES.url],
      );
    });
  });
}
