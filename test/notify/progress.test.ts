import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createProgressReports, type ProgressSettings } from "../../src/notify/progress.ts";
import { createManualClock } from "../lib/manual-clock.ts";

function stage(settings: Partial<ProgressSettings> = {}) {
  const clock = createManualClock();
  const written: [string, number, number | null, number][] = [];
  const told: unknown[] = [];
  const errors: unknown[] = [];
  const { report, stop } = createProgressReports({
    async write(id, attempt, { percent, at }) {
      written.push([id, attempt, percent, at]);
      return true;
    },
    homeOf: async () => ({ lane: "l", client: "c" }),
    emit: (name, payload) => void told.push([name, payload]),
    clock,
    onError: (error) => void errors.push(error),
    ...settings,
  });
  const say = (percent: number, attempt = 1) => report("a", attempt, { percent, message: null });
  return { clock, written, told, errors, say, stop, start: clock.now() };
}

test("the first report is written at once and told of", async () => {
  const { say, written, told, start } = stage();
  assert.equal(await say(10), "kept");
  assert.deepEqual(written, [["a", 1, 10, start]]);
  assert.deepEqual(told, [
    [
      "task.progress",
      { id: "a", lane: "l", client: "c", progress: { percent: 10, message: null, at: start } },
    ],
  ]);
});

test("of those that come too fast the last is written, ten times a second", async () => {
  const { say, clock, written, start } = stage();
  await say(0);
  for (let i = 1; i <= 1_000; i++) {
    clock.advance(1);
    await say(i / 10);
  }
  clock.advance(1_000);
  await turn();
  // The first, one for each tenth of the second, and the last.
  assert.equal(written.length, 12);
  assert.deepEqual(written.at(-1), ["a", 1, 100, start + 1_000]);
  assert.equal(clock.timers, 0);
});

test("each attempt has a pace of its own, and after a rest the next report is written at once", async () => {
  const { say, clock, written } = stage();
  assert.equal(await say(1, 1), "kept");
  assert.equal(await say(2, 2), "kept");
  clock.advance(100);
  assert.equal(await say(3, 1), "kept");
  assert.equal(written.length, 3);
});

test("an attempt that is over, and a task that is not there, are told of to nobody", async () => {
  for (const [answer, reported] of [
    [false, "over"],
    [null, "unknown"],
  ] as const) {
    const { say, told } = stage({ write: async () => answer });
    assert.equal(await say(1), reported);
    // Also of those that come too fast to be looked at.
    assert.equal(await say(2), reported);
    assert.deepEqual(told, []);
  }
});

test("a failure of the disk is the first reporter's, and reported when nobody waits any more", async () => {
  const { say, clock, errors } = stage({
    write: async () => {
      throw new Error("full");
    },
  });
  await assert.rejects(say(1), /full/);
  assert.equal(await say(2), "taken");
  clock.advance(100);
  await turn();
  assert.equal(errors.length, 1);
});

test("nothing is written once it has stopped", async () => {
  const { say, clock, written, stop } = stage();
  await say(1);
  await say(2);
  stop();
  clock.advance(1_000);
  assert.equal(written.length, 1);
});
