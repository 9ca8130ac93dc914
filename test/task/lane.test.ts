import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatRate, parseRate } from "../../src/task/lane.ts";

test("a rate is a whole number in a unit of time", () => {
  assert.deepEqual(parseRate("50/s"), { count: 50, perMs: 1_000, burst: 5 });
  assert.deepEqual(parseRate("10/m"), { count: 10, perMs: 60_000, burst: 1 });
  assert.deepEqual(parseRate("1000/h"), { count: 1_000, perMs: 3_600_000, burst: 100 });
  assert.deepEqual(parseRate("3/d"), { count: 3, perMs: 86_400_000, burst: 1 });
  assert.equal(formatRate("none"), "none");
  assert.deepEqual(parseRate("9999999/s"), { count: 9_999_999, perMs: 1_000, burst: 999_999 });
});

test("anything else is none", () => {
  for (const text of [
    "",
    "50",
    "/s",
    "0/s",
    "050/s",
    "-1/s",
    "1.5/s",
    "1e3/s",
    "50/",
    "50/w",
    "50/S",
    "50/ms",
    "50/s/s",
    " 50/s",
    "50/s\n",
    "50 /s",
    "1000000000/s",
    "none",
  ]) {
    assert.equal(parseRate(text), null, JSON.stringify(text));
  }
});

test("a rate is written as it is read", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9_999_999 }),
      fc.constantFrom("s", "m", "h", "d"),
      (count, unit) => {
        const rate = parseRate(`${count}/${unit}`);
        assert.ok(rate !== null);
        assert.equal(formatRate(rate), `${count}/${unit}`);
        assert.ok(rate.burst >= 1 && rate.burst <= Math.max(1, count / 10));
      },
    ),
  );
});
