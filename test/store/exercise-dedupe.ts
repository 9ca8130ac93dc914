// A request that comes again under its key is not accepted again.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Dedupe, NewTask } from "../../src/task/task.ts";
import type { OpenForTest } from "./rig.ts";
import {
  assertTallied,
  enqueueMany,
  finish,
  idsOf,
  listAll,
  newTask,
  running,
  START,
  storeTest,
} from "./rig.ts";

const LATER = START + 86_400_000;
let made = 0;

/** A key unlike any other. */
export function newDedupe(overrides: Partial<Dedupe> = {}): Dedupe {
  const number = ++made;
  return { key: `key-${number}`, fingerprint: `print-${number}`, expiresAt: LATER + number, ...overrides };
}

export function exerciseDedupe(open: OpenForTest): void {
  describe("a key that came before", () => {
    const test = storeTest(open);

    test("gives one task and one id, however many come at once", async (store) => {
      const dedupe = newDedupe();
      const tasks = Array.from({ length: 100 }, () => newTask({ dedupe }));
      const answers = await Promise.all(tasks.map((task) => store.enqueue(task, 1)));
      const [first, ...others] = answers;
      assert.deepEqual(first, { position: 1, pending: 1 });
      for (const other of others) assert.deepEqual(other, { duplicateOf: tasks[0]!.id, isSame: true });
      assert.deepEqual(idsOf((await listAll(store)).tasks), [tasks[0]!.id]);
      assert.equal((await store.tally())[0]?.total.accepted, 1);
      await assertTallied(store);
    });

    test("is told from the same key with another request, and from other keys", async (store) => {
      const [dedupe, other] = [newDedupe(), newDedupe()];
      const task = newTask({ dedupe });
      await store.enqueue(task, 100);
      const changed = newTask({ dedupe: { ...dedupe, fingerprint: other.fingerprint } });
      assert.deepEqual(await store.enqueue(changed, 100), { duplicateOf: task.id, isSame: false });
      const elsewhere = newTask({ dedupe: { ...dedupe, key: other.key } });
      assert.deepEqual(await store.enqueue(elsewhere, 100), { position: 2, pending: 2 });
      assert.deepEqual(await store.idempotency.find(dedupe.key, START), {
        subject: task.id,
        fingerprint: dedupe.fingerprint,
      });
      assert.equal(await store.idempotency.find("key-unknown", START), null);
    });

    test("is answered when there is no room either", async (store) => {
      const task = newTask({ dedupe: newDedupe() });
      await store.enqueue(task, 1);
      const again = newTask({ dedupe: task.dedupe });
      assert.deepEqual(await store.enqueue(again, 1), { duplicateOf: task.id, isSame: true });
      assert.deepEqual(await store.enqueue(again, 100, 0), { duplicateOf: task.id, isSame: true });
    });

    test("is not remembered of what was not accepted", async (store) => {
      await enqueueMany(store, 2);
      const task = newTask({ dedupe: newDedupe() });
      assert.equal(await store.enqueue(task, 2), null);
      assert.deepEqual(await store.enqueue(task, 100, 2), { wouldBeAt: 3 });
      assert.equal(await store.idempotency.find(String(task.dedupe?.key), START), null);
      assert.deepEqual(await store.enqueue(task, 100), { position: 3, pending: 3 });
    });

    test("outlives its task, and the store", async (first, reopen) => {
      const dedupe = newDedupe();
      const task = await running(first, { dedupe });
      await finish(first, task);
      await first.remove(task.lease.taskId);
      const store = reopen === null ? first : await reopen();
      const again = newTask({ dedupe });
      assert.deepEqual(await store.enqueue(again, 1), { duplicateOf: task.lease.taskId, isSame: true });
    });

    test("is forgotten at its time, not before, and belongs to whoever uses it then", async (store) => {
      const dedupe = newDedupe({ expiresAt: START + 500 });
      const first = newTask({ dedupe, createdAt: START });
      await store.enqueue(first, 100);
      const at = (createdAt: number, overrides: Partial<NewTask> = {}): NewTask =>
        newTask({ dedupe: { ...dedupe, expiresAt: createdAt + 500 }, createdAt, ...overrides });
      assert.notEqual(await store.idempotency.find(dedupe.key, START + 499), null);
      assert.equal(await store.idempotency.find(dedupe.key, START + 500), null);
      const before = at(START + 499);
      assert.deepEqual(await store.enqueue(before, 100), { duplicateOf: first.id, isSame: true });
      const next = at(START + 500);
      assert.deepEqual(await store.enqueue(next, 100), { position: 2, pending: 2 });
      const last = at(START + 999);
      assert.deepEqual(await store.enqueue(last, 100), { duplicateOf: next.id, isSame: true });
    });

    test("is deleted when its time is over, the oldest first, no more than asked for", async (store) => {
      const tasks = [300, 100, 200, 400].map((ms) =>
        newTask({ dedupe: newDedupe({ expiresAt: START + ms }), createdAt: START }),
      );
      for (const task of tasks) await store.enqueue(task, 100);
      const left = async (): Promise<number[]> => {
        const found = await Promise.all(
          tasks.map(({ dedupe }) => store.idempotency.find(String(dedupe?.key), START)),
        );
        return tasks.flatMap(({ dedupe }, index) =>
          found[index] === null ? [] : [Number(dedupe?.expiresAt) - START],
        );
      };
      assert.equal(await store.idempotency.forget(START + 99, 10), 0);
      assert.equal(await store.idempotency.forget(START + 300, 2), 2);
      assert.deepEqual(await left(), [300, 400]);
      assert.equal(await store.idempotency.forget(START + 300, 2), 1);
      assert.deepEqual(await left(), [400]);
    });
  });
}
