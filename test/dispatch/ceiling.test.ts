import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ceiling } from "../../src/dispatch/ceiling.ts";
import { createCeiling } from "../../src/dispatch/ceiling.ts";

/** How many windows go by at the highest limit until that is `limit`. */
function windowsUntil(ceiling: Ceiling, limit: number): number {
  for (let windows = 0; windows < 1_000; windows++) {
    if (ceiling.highest() >= limit) return windows;
    ceiling.borne(ceiling.highest());
  }
  throw new Error(`${limit} is never tried`);
}

test("there is none until the target refuses", () => {
  assert.equal(createCeiling().highest(), Infinity);
});

test("a limit that was refused is tried again after a while, and forgotten when it is borne", () => {
  const ceiling = createCeiling();
  ceiling.refused(6);
  assert.equal(ceiling.highest(), 5);
  assert.equal(windowsUntil(ceiling, 6), 2);
  assert.equal(ceiling.highest(), 6);
  ceiling.borne(6);
  assert.equal(ceiling.highest(), Infinity);
});

test("a limit that is refused whenever it is tried is tried less and less often", () => {
  const ceiling = createCeiling();
  const waited: number[] = [];
  for (let time = 0; time < 8; time++) {
    ceiling.refused(6);
    waited.push(windowsUntil(ceiling, 6));
  }
  assert.deepEqual(waited, [2, 4, 8, 16, 32, 64, 64, 64]);
});

test("a refusal of what was borne before shows that the limit is not the reason", () => {
  const ceiling = createCeiling();
  ceiling.refused(6);
  ceiling.refused(3);
  assert.equal(ceiling.highest(), Infinity);
  ceiling.refused(3);
  assert.equal(ceiling.highest(), 2);
});

test("one at a time is never refused for good", () => {
  const ceiling = createCeiling();
  for (let time = 0; time < 100; time++) {
    ceiling.refused(1);
    assert.ok(ceiling.highest() >= 1);
  }
});
