import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRange } from "../../src/api/range.ts";

test("one range of bytes", () => {
  const cases: readonly [string, number, ReturnType<typeof parseRange>][] = [
    ["bytes=0-0", 10, { start: 0, end: 0 }],
    ["bytes=2-5", 10, { start: 2, end: 5 }],
    ["Bytes= 2-5 ", 10, { start: 2, end: 5 }],
    ["bytes=2-", 10, { start: 2, end: 9 }],
    ["bytes=2-99999999999999999999", 10, { start: 2, end: 9 }],
    ["bytes=-3", 10, { start: 7, end: 9 }],
    ["bytes=-99", 10, { start: 0, end: 9 }],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=10-12", 10, "unsatisfiable"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=0-", 0, "unsatisfiable"],
    ["bytes=-1", 0, "unsatisfiable"],
    ["bytes=5-2", 10, null],
    ["bytes=-", 10, null],
    ["bytes=a-b", 10, null],
    ["bytes=0-1,3-4", 10, null],
    ["lines=0-1", 10, null],
    ["", 10, null],
  ];
  for (const [field, size, expected] of cases) assert.deepEqual(parseRange(field, size), expected, field);
});
