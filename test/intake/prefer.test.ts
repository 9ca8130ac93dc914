import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Preference, readPreference, withoutWait } from "../../src/intake/prefer.ts";
import { computedMs } from "../rig/stopwatch.ts";

const NOTHING = [0, null, null];

function read(field: string | undefined, routeWaitMs = 0): readonly unknown[] {
  const { waitMs, appliedToAnswer, appliedToReceipt } = readPreference(field, routeWaitMs);
  return [waitMs, appliedToAnswer, appliedToReceipt];
}

describe("understood", () => {
  const cases: readonly [string, readonly unknown[]][] = [
    ["wait=10", [10_000, "wait=10", "wait=10"]],
    ["Wait=10", [10_000, "wait=10", "wait=10"]],
    ['wait = "10"', [10_000, "wait=10", "wait=10"]],
    ["wait=0", [0, "wait=0", "wait=0"]],
    ["wait=007", [7_000, "wait=7", "wait=7"]],
    ["respond-async", [0, null, "respond-async"]],
    ['respond-async=""', [0, null, "respond-async"]],
    ["respond-async=", [0, null, "respond-async"]],
    ["respond-async, wait=10", [10_000, "wait=10", "respond-async, wait=10"]],
    ["wait=10,RESPOND-ASYNC", [10_000, "wait=10", "respond-async, wait=10"]],
    ['return=minimal; foo="a, b;c", , wait=5;x=y ; z', [5_000, "wait=5", "wait=5"]],
    ["wait=5, wait=9", [5_000, "wait=5", "wait=5"]],
  ];
  for (const [field, expected] of cases) test(field, () => assert.deepEqual(read(field), expected));
});

describe("as good as absent", () => {
  const cases: readonly string[] = [
    "",
    "return=minimal",
    "wait",
    "wait=",
    "wait=soon",
    "wait=-1",
    "wait=1.5",
    "wait=1e3",
    "wait 10",
    "wait=10 20",
    "xwait=10",
    "wait=x, wait=9",
    "respond-async=no",
    'foo="a, wait=5, b"',
    'foo="never ends, wait=5',
    'foo="\\", wait=5"',
  ];
  for (const field of cases) {
    test(field || "(empty)", () => {
      assert.deepEqual(read(field), NOTHING);
      assert.deepEqual(read(field, 25_000), [25_000, null, null], "then its route decides");
    });
  }
});

test("a client is asked before its route, and neither holds a connection for more than a minute", () => {
  assert.deepEqual(read(undefined), NOTHING);
  assert.deepEqual(read(undefined, 25_000), [25_000, null, null]);
  assert.deepEqual(read("respond-async", 25_000), [0, null, "respond-async"]);
  assert.deepEqual(read("wait=3", 25_000), [3_000, "wait=3", "wait=3"]);
  assert.deepEqual(read("wait=0", 25_000), [0, "wait=0", "wait=0"]);
  assert.deepEqual(read(undefined, 3_600_000), [60_000, null, null]);
  for (const seconds of ["61", "99999999999999999999", "9".repeat(1_000)]) {
    assert.deepEqual(read(`wait=${seconds}`), [60_000, "wait=60", "wait=60"]);
  }
});

test("of a client that does not wait after all no wait is said to be applied", () => {
  const left = (field: string | undefined): Preference => withoutWait(readPreference(field, 25_000));
  const nothing = { waitMs: 0, appliedToAnswer: null, appliedToReceipt: null };
  assert.deepEqual(left("wait=10"), nothing);
  assert.deepEqual(left(undefined), nothing);
  assert.deepEqual(left("respond-async, wait=10"), { ...nothing, appliedToReceipt: "respond-async" });
  for (const field of ["wait=0", "respond-async"]) {
    assert.equal(left(field).appliedToReceipt, field, "it did not ask for a wait");
  }
});

test("a field made to be hard to read costs no time", () => {
  const spaces = " ".repeat(31_000);
  for (const field of [
    `a=${spaces}(`,
    `a${spaces}(`,
    `${spaces}(`,
    `a="${"\\\\".repeat(15_000)}`,
    "a,".repeat(15_000),
  ]) {
    const before = computedMs();
    readPreference(field, 0);
    const tookMs = computedMs() - before;
    assert.ok(tookMs < 100, `${field.slice(0, 10)}… took ${tookMs.toFixed()} ms`);
  }
});
