import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createLoop } from "../../src/lib/loop.ts";
import { createManualClock } from "./manual-clock.ts";

function unexpected(thrown: unknown): never {
  throw thrown;
}

test("a loop waits as long as a round says", async () => {
  const clock = createManualClock();
  let rounds = 0;
  const loop = createLoop(() => (rounds++, 100), clock, unexpected);
  loop.start();
  await turn();
  assert.equal(rounds, 1);
  clock.advance(99);
  await turn();
  assert.equal(rounds, 1);
  clock.advance(1);
  await turn();
  assert.equal(rounds, 2);
  await loop.stop();
  assert.equal(clock.timers, 0);
});

test("wake cuts the wait short, also one without end, and a wake during a round is not lost", async () => {
  const clock = createManualClock();
  let rounds = 0;
  let finishRound = (): void => {};
  const loop = createLoop(
    () => {
      rounds++;
      return new Promise<number>((resolve) => (finishRound = () => resolve(Infinity)));
    },
    clock,
    unexpected,
  );
  loop.start();
  await turn();
  finishRound();
  await turn();
  assert.equal(rounds, 1);
  loop.wake();
  await turn();
  assert.equal(rounds, 2);
  loop.wake();
  finishRound();
  await turn();
  assert.equal(rounds, 3, "the wake came while the second round ran");
  const stopped = loop.stop();
  finishRound();
  await stopped;
});

test("stop waits for the round under way and lets no other begin", async () => {
  const clock = createManualClock();
  let finishRound = (): void => {};
  let rounds = 0;
  const loop = createLoop(
    () => {
      rounds++;
      return new Promise<number>((resolve) => (finishRound = () => resolve(0)));
    },
    clock,
    unexpected,
  );
  loop.start();
  loop.start();
  await turn();
  let isStopped = false;
  const stopped = loop.stop().then(() => (isStopped = true));
  await turn();
  assert.equal(isStopped, false);
  finishRound();
  await stopped;
  loop.wake();
  await turn();
  assert.equal(rounds, 1);
});

test("a round that throws is reported and tried again later", async () => {
  const clock = createManualClock();
  const reported: unknown[] = [];
  let rounds = 0;
  const loop = createLoop(
    () => {
      if (++rounds === 1) throw new Error("once");
      return Infinity;
    },
    clock,
    (thrown) => reported.push(thrown),
    250,
  );
  loop.start();
  await turn();
  assert.equal(reported.length, 1);
  clock.advance(250);
  await turn();
  assert.equal(rounds, 2);
  await loop.stop();
});

test("a loop that was stopped can start again", async () => {
  const clock = createManualClock();
  let rounds = 0;
  const loop = createLoop(() => (rounds++, Infinity), clock, unexpected);
  loop.start();
  await turn();
  await loop.stop();
  loop.start();
  await turn();
  assert.equal(rounds, 2);
  await loop.stop();
});
