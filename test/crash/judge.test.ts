// A run on a machine that stood still for long proves nothing: it is done again, and at last it fails.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { report } from "./checker.ts";
import { judge } from "./judge.ts";
import { soundEvidence } from "./sound-evidence.ts";

describe("a run whose log is late", () => {
  async function judged(...lateMs: readonly number[]): Promise<readonly [found: string, runs: number]> {
    let runs = 0;
    const violations = await judge(async () => {
      const evidence = soundEvidence();
      evidence.logLateMs = lateMs[runs++] ?? assert.fail("one run too many");
      return evidence;
    });
    return [report(violations), runs];
  }

  test("is repeated until one is not", async () => {
    assert.deepEqual(await judged(1_000), ["", 1]);
    assert.deepEqual(await judged(5_000, 1_001, 999), ["", 3]);
  });

  test("is no proof after three", () =>
    assert.rejects(judged(5_000, 1_001, 1_001.4), /was 5000, 1001, 1001 ms/));

  test("still shows what it shows", async () => {
    const evidence = { ...soundEvidence(), logLateMs: 5_000, inFlight: 1 };
    const violations = await judge(async () => evidence);
    assert.deepEqual(
      violations.map(({ invariant }) => invariant),
      ["slots_are_free"],
    );
  });
});
