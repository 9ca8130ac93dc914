import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWaiting } from "../../src/notify/waiting.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";

function stage(mostAtOnce?: number) {
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const clock = createManualClock();
  const end = (id: string): void =>
    events.emit("task.ended", {
      id,
      lane: "default",
      client: "c",
      from: "processing",
      state: "completed",
      reason: "completed",
      attempt: 1,
      error: null,
    });
  const waiting = createWaiting(events, clock, mostAtOnce);
  return { clock, end, waiting, wait: waiting.untilFinal, release: waiting.release };
}

async function isPending(promise: Promise<void>): Promise<boolean> {
  let pending = true;
  void promise.then(() => (pending = false));
  await turn();
  return pending;
}

test("all who wait for a task are woken by its end, and only they", async () => {
  const { clock, end, wait } = stage();
  const { signal } = new AbortController();
  const first = wait("a", 1_000, signal);
  const second = wait("a", 1_000, signal);
  const other = wait("b", 1_000, signal);
  end("a");
  await Promise.all([first, second]);
  assert.equal(await isPending(other), true);
  assert.equal(clock.timers, 1, "the timers of those who were woken are gone");
  end("b");
  await other;
});

test("a wait ends when its time is up", async () => {
  const { clock, wait } = stage();
  const waiting = wait("a", 1_000, new AbortController().signal);
  clock.advance(999);
  assert.equal(await isPending(waiting), true);
  clock.advance(1);
  await waiting;
});

test("a client that leaves is forgotten, one that has left is not waited for", async () => {
  const { clock, wait } = stage();
  const client = new AbortController();
  const waiting = wait("a", 1_000, client.signal);
  client.abort();
  await waiting;
  await wait("a", 1_000, client.signal);
  assert.equal(clock.timers, 0);
});

test("five thousand wait cheaply", async () => {
  const { clock, end, wait } = stage();
  const { signal } = new AbortController();
  const before = process.memoryUsage().heapUsed;
  const all = Array.from({ length: 5_000 }, (_, i) => wait(`task-${i}`, 60_000, signal));
  assert.ok(process.memoryUsage().heapUsed - before < 20_000_000);
  for (let i = 0; i < 5_000; i++) end(`task-${i}`);
  await Promise.all(all);
  assert.equal(clock.timers, 0);
});

test("a node that stops lets all go", async () => {
  const { clock, wait, release } = stage();
  const { signal } = new AbortController();
  const all = [wait("a", 1_000, signal), wait("a", 1_000, signal), wait("b", 1_000, signal)];
  release();
  await Promise.all(all);
  await wait("c", 1_000, signal);
  assert.equal(clock.timers, 0);
});

test("where there is no room nobody waits, until somebody has gone: by an end, in time or by leaving", async () => {
  const { clock, end, waiting, wait } = stage(3);
  const { signal } = new AbortController();
  const leaving = new AbortController();
  const all = [wait("a", 1_000, signal), wait("b", 2_000, signal), wait("b", 3_000, leaving.signal)];
  assert.deepEqual([waiting.count, waiting.hasRoom], [3, false]);
  await wait("c", 60_000, signal);
  assert.equal(clock.timers, 3);
  clock.advance(1_000);
  assert.deepEqual([waiting.count, waiting.hasRoom], [2, true]);
  leaving.abort();
  leaving.abort();
  assert.equal(waiting.count, 1);
  end("b");
  end("b");
  assert.equal(waiting.count, 0);
  await Promise.all(all);
});
