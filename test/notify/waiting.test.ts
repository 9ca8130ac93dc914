import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWaiting } from "../../src/notify/waiting.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { Wait } from "../../src/task/wait.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { collectGarbage } from "../rig/garbage.ts";

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
  const wait = (id: string, timeoutMs: number, holder: string = id): Wait => {
    const begun = waiting.untilFinal(id, timeoutMs, holder);
    assert.ok(begun, "there is room");
    return begun;
  };
  return { clock, end, waiting, wait, release: waiting.release };
}

async function isPending({ over }: Wait): Promise<boolean> {
  let pending = true;
  void over.then(() => (pending = false));
  await turn();
  return pending;
}

test("all who wait for a task are woken by its end, and only they", async () => {
  const { clock, end, wait } = stage();
  const first = wait("a", 1_000);
  const second = wait("a", 1_000);
  const other = wait("b", 1_000);
  end("a");
  await Promise.all([first.over, second.over]);
  assert.equal(await isPending(other), true);
  assert.equal(clock.timers, 1, "the timers of those who were woken are gone");
  end("b");
  await other.over;
});

test("a wait ends when its time is up", async () => {
  const { clock, wait } = stage();
  const waiting = wait("a", 1_000);
  clock.advance(999);
  assert.equal(await isPending(waiting), true);
  clock.advance(1);
  await waiting.over;
});

test("those who wait equally long share a timer, and none waits longer than it asked for", async () => {
  const { clock, wait } = stage();
  const first = wait("a", 1_000);
  clock.advance(400);
  const second = wait("b", 1_000);
  const short = wait("c", 300);
  clock.advance(300);
  await short.over;
  first.leave();
  assert.equal(clock.timers, 1);
  clock.advance(699);
  assert.equal(await isPending(second), true);
  clock.advance(1);
  await second.over;
  assert.equal(clock.timers, 0);
});

test("a client that leaves is forgotten, and may leave again", async () => {
  const { clock, wait, end } = stage();
  const waiting = wait("a", 1_000);
  const other = wait("a", 1_000);
  waiting.leave();
  await waiting.over;
  waiting.leave();
  assert.equal(clock.timers, 1);
  assert.equal(await isPending(other), true);
  end("a");
  await other.over;
  const later = wait("a", 1_000);
  waiting.leave();
  assert.equal(await isPending(later), true, "who left long ago takes nobody along");
  later.leave();
  assert.equal(clock.timers, 0);
});

test("five thousand wait cheaply", async () => {
  const { clock, end, wait } = stage();
  const ids = Array.from({ length: 5_000 }, (_, i) => `task-${i}`);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const all = ids.map((id) => wait(id, 60_000));
  collectGarbage();
  const each = (process.memoryUsage().heapUsed - before) / ids.length;
  // A set for each task would be 200 more.
  assert.ok(each < 768, `${each.toFixed()} bytes each`);
  for (let i = 0; i < 5_000; i++) end(`task-${i}`);
  await Promise.all(all.map(({ over }) => over));
  assert.equal(clock.timers, 0);
});

test("a node that stops lets all go", async () => {
  const { clock, wait, release } = stage();
  const all = [wait("a", 1_000), wait("a", 1_000), wait("b", 1_000)];
  release();
  await Promise.all(all.map(({ over }) => over));
  await wait("c", 1_000).over;
  assert.equal(clock.timers, 0);
});

test("where there is no room nobody waits, until somebody has gone: by an end, in time or by leaving", async () => {
  const { clock, end, waiting, wait } = stage(3);
  const leaving = wait("b", 3_000);
  const all = [wait("a", 1_000), wait("b", 2_000), leaving];
  assert.deepEqual([waiting.untilFinal("c", 60_000, "c"), waiting.count], [null, 3]);
  clock.advance(1_000);
  assert.equal(waiting.count, 2);
  const late = wait("c", 60_000);
  assert.equal(waiting.untilFinal("c", 60_000, "c"), null);
  for (const each of [late, leaving]) {
    each.leave();
    each.leave();
  }
  assert.equal(waiting.count, 1);
  end("b");
  end("b");
  assert.equal(waiting.count, 0);
  await Promise.all(all.map(({ over }) => over));
  assert.equal(clock.timers, 0);
});

test("one holder has half of the places at most, and the other half is for the others", async () => {
  const { clock, end, waiting, wait } = stage(4);
  const mine = [wait("a", 1_000, "me"), wait("b", 2_000, "me")];
  assert.equal(waiting.untilFinal("c", 1_000, "me"), null);
  const others = [wait("c", 60_000, "you"), wait("d", 60_000, "they")];
  assert.equal(waiting.untilFinal("c", 1_000, "somebody"), null);
  others[0]!.leave();
  assert.equal(waiting.untilFinal("c", 1_000, "me"), null, "that place is not for them");
  clock.advance(1_000);
  const again = wait("e", 1_000, "me");
  end("b");
  again.leave();
  assert.deepEqual([waiting.count, wait("f", 1, "me").leave()], [1, undefined]);
  end("d");
  await Promise.all([...mine, ...others].map(({ over }) => over));
  assert.deepEqual([waiting.count, clock.timers], [0, 0]);
});
