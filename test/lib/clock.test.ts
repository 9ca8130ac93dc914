import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toIsoTime } from "../../src/lib/clock.ts";

test("an instant is written as Date writes it", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => toIsoTime(date.getTime()) === date.toISOString()),
    { examples: [0, -1, 86_399_999, 86_400_000, 8.64e15, -8.64e15].map((ms): [Date] => [new Date(ms)]) },
  );
  assert.throws(() => toIsoTime(Number.NaN), RangeError);
  assert.equal(toIsoTime(0), "1970-01-01T00:00:00.000Z", "also after a wrong one");
});
