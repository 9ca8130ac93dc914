// Fair shares of a line: across restarts, through delays and retries, and with the places that go with them.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Accepted, Duplicate, TooFarBack } from "../../src/store/acceptance.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { ClaimedTask, NewTask } from "../../src/task/task.ts";
import { interrupt, postpone, retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  attemptOf,
  claim,
  claimOne,
  enqueueAll,
  enqueueMany,
  idsOf,
  newTask,
  positionOf,
  START,
  storeTest,
} from "./rig.ts";

const WIDE = { limit: 100_000, cap: 100_000 };

function countOf(tasks: readonly ClaimedTask[], owned: readonly NewTask[]): number {
  const ids = new Set(idsOf(owned));
  return idsOf(tasks).filter((id) => ids.has(id)).length;
}

/** Those that are left, in the order in which they start. */
async function startAll(store: OpenStore, now = START): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { tasks } = await claim(store, { ...WIDE, limit: 500, now });
    if (tasks.length === 0) return ids;
    ids.push(...idsOf(tasks));
  }
}

export function exerciseShares(open: OpenForTest): void {
  describe("fair shares", () => {
    const test = storeTest(open);

    test("let ten tasks past ten thousand of another client", async (store) => {
      await enqueueMany(store, 10_000, { client: "A" });
      await claim(store, { ...WIDE, limit: 30 });
      const few = await enqueueMany(store, 10, { client: "B" });
      assert.equal(countOf((await claim(store, { ...WIDE, limit: 20 })).tasks, few), 10);
    });

    test("are as the weights", async (store) => {
      const heavy = await enqueueMany(store, 100, { client: "A", weight: 3 });
      const light = await enqueueMany(store, 100, { client: "B" });
      for (let turn = 1; turn <= 10; turn++) {
        const { tasks } = await claim(store, { ...WIDE, limit: 8 });
        assert.ok(Math.abs(countOf(tasks, heavy) - 6) <= 1, `turn ${turn}`);
        assert.ok(Math.abs(countOf(tasks, light) - 2) <= 1, `turn ${turn}`);
      }
    });

    test("are apart in each lane and priority", async (store) => {
      await enqueueMany(store, 100, { client: "A", priority: 5 });
      await claim(store, { ...WIDE, limit: 100 });
      await enqueueMany(store, 20, { client: "A" });
      const few = await enqueueMany(store, 10, { client: "B" });
      assert.ok(countOf((await claim(store, { ...WIDE, limit: 20 })).tasks, few) >= 9);
    });

    test("outlive the store, and so does a client's own order", async (store, reopen) => {
      if (reopen === null) return;
      const first = await enqueueMany(store, 3_000, { client: "A" });
      const second = await enqueueMany(store, 40, { client: "B" });
      await claim(store, { ...WIDE, limit: 100 });
      let again = await reopen();
      const third = await enqueueMany(again, 500, { client: "A" });
      const newcomers = await enqueueMany(again, 10, { client: "C" });
      again = await reopen();
      assert.ok(countOf((await claim(again, { ...WIDE, limit: 22 })).tasks, newcomers) >= 10);
      const left = new Set(await startAll(again));
      const own = idsOf([...first, ...third]).filter((id) => left.has(id));
      assert.deepEqual(
        [...left].filter((id) => own.includes(id)),
        own,
      );
      assert.equal(idsOf(second).filter((id) => left.has(id)).length, 0);
    });

    test("forget who is gone: a line that was empty begins anew", async (store) => {
      await enqueueMany(store, 50, { client: "A" });
      await claim(store, WIDE);
      const tasks = [
        ...(await enqueueMany(store, 1, { client: "A" })),
        ...(await enqueueMany(store, 1, { client: "B" })),
      ];
      assert.deepEqual(await startAll(store), idsOf(tasks));
    });

    test("count a delayed task when it falls due: a delay is no way past others", async (store) => {
      const delayed = await enqueueMany(store, 20, { client: "A", notBefore: START + 5 });
      await enqueueMany(store, 50, { client: "A" });
      const others = await enqueueMany(store, 50, { client: "B" });
      await claim(store, { ...WIDE, limit: 40 });
      const { tasks } = await claim(store, { ...WIDE, limit: 60, now: START + 5 });
      assert.equal(countOf(tasks, others), 30, "every second one, to the end");
      assert.equal(countOf(tasks, delayed), 0, "after those of its client that were in line");
      assert.deepEqual(await startAll(store, START + 5), idsOf(delayed));
    });

    test("take tasks that fall due in the order in which they do", async (store) => {
      const late = newTask({ client: "A", notBefore: START + 20 });
      const early = newTask({ client: "A", notBefore: START + 10 });
      for (const task of [late, early]) await store.enqueue(task, 10);
      assert.deepEqual(await startAll(store, START + 30), idsOf([early, late]));
    });

    test("leave its rank to a task that is tried again, put off or interrupted", async (store) => {
      const own = await enqueueMany(store, 20, { client: "A" });
      await enqueueMany(store, 20, { client: "B" });
      const [a, , b, , c] = (await claim(store, { limit: 6 })).tasks;
      await store.settle(
        retry(a!, attemptOf(a!), "retry_backoff", { code: "x", message: "x" }, START + 9, START),
      );
      await store.settle(postpone(b!, "retry_backoff", START + 9, START));
      await store.settle(interrupt(c!, null, START));
      assert.equal(await positionOf(store, c!.lease.taskId), 1);
      const { tasks } = await claim(store, { limit: 3, now: START + 9 });
      assert.deepEqual(idsOf(tasks), idsOf(own.slice(0, 3)));
    });

    test("let a task that changes its priority stand as if it came now", async (store) => {
      const own = await enqueueMany(store, 50, { client: "A" });
      const raised = await enqueueMany(store, 50, { client: "B", priority: 5 });
      await claim(store, { limit: 10 });
      const newcomer = newTask({ client: "C", priority: 5 });
      await store.enqueue(newcomer, 100);
      for (const { id } of own.slice(-10)) assert.equal(await store.amend(id, { priority: 5 }), true);
      const { tasks } = await claim(store, { limit: 21 });
      assert.equal(countOf(tasks, own), 10, "turn by turn with those who were there");
      assert.equal(countOf(tasks, raised), 10);
      assert.equal(countOf(tasks, [newcomer]), 1);
    });

    test("give no credit to a client whose tasks were cancelled, and no debt", async (store) => {
      const cancelled = await enqueueMany(store, 200, { client: "A" });
      await enqueueMany(store, 100, { client: "B" });
      await Promise.all(cancelled.map(({ id }) => store.cancel(id, START)));
      const few = await enqueueMany(store, 10, { client: "A" });
      const claimed = (await claim(store, { limit: 20 })).tasks;
      assert.ok(Math.abs(countOf(claimed, few) - 10) <= 1);
    });

    test("hold when a transaction was rolled back", async (store) => {
      const own = await enqueueMany(store, 30, { client: "A" });
      const impossible = newTask({ client: "A", timeoutMs: 0 });
      const more = Array.from({ length: 30 }, () => newTask({ client: "A" }));
      const answers = await Promise.allSettled(
        [...more.slice(0, 15), impossible, ...more.slice(15)].map((task) => store.enqueue(task, Infinity)),
      );
      assert.equal(answers.filter(({ status }) => status === "rejected").length, 1);
      const others = await enqueueMany(store, 60, { client: "B" });
      const first = (await claim(store, { limit: 100 })).tasks;
      assert.ok(Math.abs(countOf(first, others) - 50) <= 1, "nothing was charged for what was rolled back");
      const foreign = new Set(idsOf(others));
      assert.deepEqual(
        [...idsOf(first), ...(await startAll(store))].filter((id) => !foreign.has(id)),
        idsOf([...own, ...more]),
      );
    });
  });

  describe("places among many clients", () => {
    const test = storeTest(open);

    test("are exact for who asks, and told rightly at the end of the line and near its front", async (store) => {
      const crowd = Array.from({ length: 3_000 }, (_, index) => newTask({ client: `c${index % 30}` }));
      await enqueueAll(store, crowd);
      const newcomer = newTask({ client: "new" });
      assert.equal(placeOf(await store.enqueue(newcomer, Infinity)), 31);
      assert.equal(await positionOf(store, newcomer.id), 31);
      const last = newTask({ client: "c29" });
      assert.equal(placeOf(await store.enqueue(last, Infinity)), 3_002);
      const order = [...(await startAll(store))];
      assert.equal(order.indexOf(newcomer.id), 30);
      assert.equal(order.indexOf(last.id), 3_001);
    });

    test("refuse a task that would stand too far back, which costs its client nothing", async (store) => {
      await enqueueMany(store, 50, { client: "A" });
      const refused = newTask({ client: "A" });
      for (let i = 0; i < 3; i++)
        assert.deepEqual(await store.enqueue(refused, Infinity, 50), { wouldBeAt: 51 });
      assert.equal(await store.find(refused.id), null);
      const light = newTask({ client: "B" });
      assert.deepEqual(await store.enqueue(light, Infinity, 2), { position: 2, pending: 51 });
      assert.deepEqual(await store.enqueue(newTask({ client: "B" }), Infinity, 3), { wouldBeAt: 4 });
      const urgent = newTask({ client: "A", priority: 9 });
      assert.deepEqual(await store.enqueue(urgent, Infinity, 1), { position: 1, pending: 52 });
      const later = newTask({ client: "A", notBefore: START + 9 });
      assert.deepEqual(await store.enqueue(later, Infinity, 1), { position: null, pending: 53 });
      assert.deepEqual(await store.enqueue(refused, Infinity, 53), { position: 53, pending: 54 });
      await assertTallied(store);
    });

    test("are estimated in the midst of a long line, not far off", async (store) => {
      const crowd = Array.from({ length: 20_000 }, (_, index) => newTask({ client: `c${index % 200}` }));
      await enqueueAll(store, crowd);
      const own = Array.from({ length: 80 }, () => newTask({ client: "new" }));
      for (const [index, task] of own.entries()) {
        const told = placeOf(await store.enqueue(task, Infinity)) ?? 0;
        const found = (await positionOf(store, task.id)) ?? 0;
        assert.equal(found, (index + 1) * 201);
        assert.ok(Math.abs(told - found) <= Math.max(200, found / 50), `${told} for ${found}`);
      }
    });

    test("are counted by age within one rank", async (store) => {
      const crowd = await enqueueMany(store, 400);
      for (const index of [0, 1, 57, 399]) {
        assert.equal(await positionOf(store, crowd[index]!.id), index + 1);
      }
      await claimOne(store);
      assert.equal(await positionOf(store, crowd[399]!.id), 399);
    });
  });
}

function placeOf(answer: Accepted | Duplicate | TooFarBack | null): number | null {
  return answer !== null && "position" in answer ? answer.position : null;
}
