import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswerWindow } from "../../src/dispatch/answer-window.ts";
import { seededRandom } from "../crash/random.ts";

/** How many answers it takes until a window at this limit is full. */
function answersUntilFull(limit: number, nextMs: () => number): number {
  const window = createAnswerWindow();
  let answers = 0;
  while (!window.isFull(limit)) {
    window.add(nextMs(), limit);
    answers += 1;
  }
  return answers;
}

test("answers that are all alike fill it in two rounds, and never in less than six", () => {
  assert.equal(
    answersUntilFull(20, () => 50),
    40,
  );
  assert.equal(
    answersUntilFull(1, () => 50),
    6,
  );
});

test("the more they vary, the more it takes, up to ten rounds", () => {
  const random = seededRandom(1);
  const alike = answersUntilFull(8, () => 50 * (0.9 + 0.2 * random()));
  const varied = answersUntilFull(8, () => 50 * 10 ** random());
  assert.equal(alike, 16);
  assert.ok(varied > 16 && varied < 80, `${varied}`);
  assert.equal(
    answersUntilFull(8, () => 50 * 10_000 ** random()),
    80,
  );
});

test("the typical time is the geometric mean, whatever the scale", () => {
  const window = createAnswerWindow();
  for (const durationMs of [10, 1_000, 100]) window.add(durationMs, 1);
  assert.ok(Math.abs(window.typicalMs() - 100) < 1e-9);
  window.restart(0);
  for (const durationMs of [3_600_000, 3_600_000, 3_600_000.001]) window.add(durationMs, 1);
  assert.ok(Math.abs(window.typicalMs() - 3_600_000) < 1);
});

test("what was sent at another pace is left out", () => {
  const window = createAnswerWindow();
  window.add(50, 1);
  window.restart(3);
  for (let old = 0; old < 3; old++) window.add(5_000, 9);
  for (let answer = 0; answer < 6; answer++) window.add(20, 2);
  assert.ok(Math.abs(window.typicalMs() - 20) < 1e-9);
  assert.equal(window.meanInFlight(), 2);
});
