import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Clock } from "../../src/lib/clock.ts";
import { createStatisticsLog } from "../../src/server/log.ts";
import { createFileLog, createTimers } from "./logging.ts";

describe("statistics", () => {
  test("are logged every interval, not at the start, and a failing snapshot is told", async (context) => {
    const { log, lines } = createFileLog(context, "info");
    const { promise: third, resolve: thirdAsked } = Promise.withResolvers<void>();
    const snapshots = [
      () => ({ pending: 1 }),
      () => Promise.reject(new Error("store closed")),
      () => ({ pending: 3 }),
    ];
    const clock: Clock = {
      now: () => 0,
      monotonicMs: () => 0,
      after: (_, run) => (queueMicrotask(run), () => undefined),
    };
    const loop = createStatisticsLog(
      log,
      () => {
        const snapshot = snapshots.shift();
        if (snapshots.length === 0) thirdAsked();
        return snapshot!();
      },
      60_000,
      clock,
    );
    loop.start();
    await third;
    await loop.stop();
    assert.deepEqual(
      (await lines()).map(({ msg, pending }) => [msg, pending]),
      [
        ["statistics", 1],
        ["no statistics", undefined],
        ["statistics", 3],
      ],
    );
  });

  for (const [name, level, intervalMs] of [
    ["0 is never", "info", 0],
    ["nor above info", "warn", 1],
  ] as const) {
    test(name, async (context) => {
      const { log } = createFileLog(context, level);
      const { clock, pending } = createTimers();
      const loop = createStatisticsLog(log, () => assert.fail("asked"), intervalMs, clock);
      loop.start();
      await loop.stop();
      assert.equal(pending.length, 0);
    });
  }
});
