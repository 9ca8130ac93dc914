import assert from "node:assert/strict";
import { test } from "node:test";
import { waitAfterTries } from "../../src/notify/backoff.ts";

const DAY_MS = 86_400_000;

test("a receiver that is down is tried over a day, ever more rarely", () => {
  const waits: number[] = [];
  for (let tries = 1; ; tries++) {
    const wait = waitAfterTries(tries, DAY_MS, 1);
    if (wait === null) break;
    waits.push(wait);
  }
  assert.deepEqual(waits.slice(0, 4), [5_000, 30_000, 120_000, 300_000]);
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  );
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  assert.ok(total > DAY_MS * 0.5 && total < DAY_MS * 1.5, String(total / DAY_MS));
});

test("a quarter of each wait is by chance", () => {
  assert.deepEqual([waitAfterTries(1, DAY_MS, 0), waitAfterTries(1, DAY_MS, 1)], [3_750, 5_000]);
});

test("a forbidden address is given up after three tries", () => {
  assert.notEqual(waitAfterTries(2, DAY_MS, 0, true), null);
  assert.equal(waitAfterTries(3, DAY_MS, 0, true), null);
});
