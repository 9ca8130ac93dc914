// A batch that is waited for, over a real store and with the real places to wait in.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWaiting } from "../../src/notify/waiting.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { openControl, TASK } from "./control.ts";

const BATCH = "01890a5d-ac96-774b-bcce-b30209900000";
const FIRST = "01890a5d-ac96-774b-bcce-b30209900001";
const SECOND = "01890a5d-ac96-774b-bcce-b30209900002";

/** A batch of two tasks. */
async function stage(t: TestContext, mostWaiting: number) {
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const clock = createClock();
  const waiting = createWaiting(events, clock, mostWaiting);
  const begun: string[] = [];
  const { app, store } = await openControl(t, {
    clock,
    waitUntilFinal(id, timeoutMs, holder) {
      begun.push(id);
      return waiting.untilFinal(id, timeoutMs, holder);
    },
  });
  t.after(() => waiting.release());
  const createdAt = clock.now();
  const task = { ...TASK, createdAt, batch: BATCH };
  const tasks = [
    { ...task, id: FIRST },
    { ...task, id: SECOND },
  ];
  const batch = { id: BATCH, client: TASK.client, createdAt, tasks, dedupe: null };
  await store.batches.enqueue(batch, new Map([["default", 10]]));
  return {
    waiting,
    /** The answer to who waits for the batch. */
    ask: () => app.inject(`/batches/${BATCH}?wait=30`).then((answer) => answer),
    async untilWaitedFor(count: number): Promise<string> {
      while (begun.length < count) await new Promise(setImmediate);
      return begun[count - 1]!;
    },
    /** Ends a task in the store; who waits is told by what is returned. */
    async end(id: string): Promise<() => void> {
      await store.cancel(id, clock.now());
      return () =>
        events.emit("task.ended", {
          id,
          lane: "default",
          client: TASK.client,
          from: "pending",
          state: "cancelled",
          reason: "cancelled",
          attempt: null,
          error: null,
        });
    },
  };
}

test("who waits for a batch is answered when its last task has ended", async (t) => {
  const { ask, untilWaitedFor, end, waiting } = await stage(t, 1);
  const answer = ask();
  for (const count of [1, 2]) (await end(await untilWaitedFor(count)))();
  const { statusCode, body } = await answer;
  assert.deepEqual([statusCode, JSON.parse(body).tasks.cancelled, waiting.count], [200, 2, 0]);
});

test("who finds no room is told so, at first and between two tasks of the batch", async (t) => {
  const { ask, untilWaitedFor, end, waiting } = await stage(t, 1);
  const answer = ask();
  const tell = await end(await untilWaitedFor(1));
  const atFirst = await ask();
  tell();
  // Another takes the place before the batch is looked at again.
  assert.ok(waiting.untilFinal("another", 60_000, "b"));
  for (const { statusCode, headers, body } of [atFirst, await answer]) {
    assert.deepEqual([statusCode, headers["retry-after"]], [503, "5"], body);
    assert.deepEqual([JSON.parse(body).code, JSON.parse(body).field], ["too_many_clients", "wait"]);
  }
  assert.equal(waiting.count, 1);
});
