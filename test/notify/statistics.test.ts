import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createStatistics } from "../../src/notify/statistics.ts";
import { NODE_LOST } from "../../src/task/decide.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";

function stage() {
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const clock = createManualClock();
  return { events, clock, statistics: createStatistics(events, clock) };
}

function run(
  events: ReturnType<typeof stage>["events"],
  lane: string,
  waitedMs: number,
  durationMs: number,
  state: "completed" | "failed",
): void {
  events.emit("attempt.started", { id: "a", lane, client: "c", attempt: 1, waitedMs });
  events.emit("attempt.ended", {
    id: "a",
    lane,
    client: "c",
    attempt: 1,
    target: `http://${lane}`,
    outcome: "answered",
    status: 200,
    durationMs,
    error: null,
  });
  events.emit("task.ended", {
    id: "a",
    lane,
    client: "c",
    from: "processing",
    state,
    reason: "completed",
    attempt: 1,
    error: null,
  });
}

/** Percentiles are kept to two figures: within a hundredth. */
function assertNear(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= expected / 100,
    `${actual}, not ${expected}`,
  );
}

test("nothing seen is said as nothing", () => {
  const { queueWaitMs, targetMs, successRate, endedPerSecond, lanes, targets } = stage().statistics.read();
  assert.deepEqual(
    { queueWaitMs, targetMs, successRate, endedPerSecond, lanes, targets },
    { queueWaitMs: null, targetMs: null, successRate: null, endedPerSecond: 0, lanes: {}, targets: {} },
  );
});

test("rates, percentiles and success, in all, by lane and by target", () => {
  const { events, clock, statistics } = stage();
  for (let i = 1; i <= 100; i++) {
    run(events, "fast", i, 10, "completed");
    run(events, "slow", 1_000, 1_000 + i, i <= 20 ? "failed" : "completed");
    clock.advance(500);
  }
  const read = statistics.read();
  assert.equal(read.endedPerSecond, 4);
  assert.equal(read.successRate, 0.9);
  assert.equal(read.lanes["fast"]?.queueWaitMs?.p50, 50);
  assert.equal(read.lanes["fast"]?.queueWaitMs?.p99, 99);
  assertNear(read.lanes["slow"]?.targetMs?.p95, 1_095);
  assertNear(read.queueWaitMs?.p99, 1_000);
  assert.deepEqual(read.targets["http://fast"], { p50: 10, p95: 10, p99: 10 });
  assertNear(read.targets["http://slow"]?.p95, 1_095);
});

test("only the first start waited in line", () => {
  const { events, statistics } = stage();
  events.emit("attempt.started", { id: "a", lane: "l", client: "c", attempt: 2, waitedMs: 60_000 });
  assert.equal(statistics.read().queueWaitMs, null);
  assert.equal(statistics.read().startedPerSecond, 1);
});

test("the past is forgotten: two minutes later it is gone", () => {
  const { events, clock, statistics } = stage();
  run(events, "l", 5, 5, "failed");
  clock.advance(60_000);
  run(events, "l", 7, 7, "completed");
  assert.equal(statistics.read().successRate, 0.5);
  clock.advance(60_000);
  assert.equal(statistics.read().successRate, 1);
  clock.advance(120_000);
  assert.equal(statistics.read().successRate, null);
});

test("refusals are counted by code", () => {
  const { events, statistics } = stage();
  for (const code of ["queue_full", "queue_full", "storage_full"]) {
    events.emit("task.refused", { lane: "l", method: "POST", path: "/", code });
  }
  assert.deepEqual(statistics.read().refused, { queue_full: 2, storage_full: 1 });
});

test("what reached no target, and what a node left when it ended, is nobody's time", () => {
  const { events, statistics } = stage();
  const ended = {
    id: "a",
    lane: "l",
    client: "c",
    attempt: 1,
    target: "http://t",
    status: null,
    durationMs: 5,
  };
  events.emit("attempt.ended", {
    ...ended,
    outcome: "never_sent",
    error: { code: "dns_error", message: "" },
  });
  events.emit("attempt.ended", { ...ended, outcome: "unknown", error: NODE_LOST });
  events.emit("attempt.ended", { ...ended, target: null, outcome: "interrupted", error: null });
  const { targets, lanes } = statistics.read();
  assert.deepEqual([targets, lanes["l"]?.targetMs?.p50], [{}, 5]);
});

test("a wait of a year is counted as one", () => {
  const { events, statistics } = stage();
  events.emit("attempt.started", { id: "a", lane: "l", client: "c", attempt: 1, waitedMs: 366 * 86_400_000 });
  assertNear(statistics.read().queueWaitMs?.p50, 366 * 86_400_000);
});

test("the slice that fills and the one before it are read as one", () => {
  const { events, clock, statistics } = stage();
  for (let i = 0; i < 3; i++) run(events, "l", 10, 10, "completed");
  clock.advance(60_000);
  for (let i = 0; i < 2; i++) run(events, "l", 200, 200, "completed");
  const { lanes, targets } = statistics.read();
  assert.deepEqual([lanes["l"]?.queueWaitMs?.p50, targets["http://l"]?.p50], [10, 10]);
  assert.deepEqual([lanes["l"]?.queueWaitMs?.p99, targets["http://l"]?.p99], [200, 200]);
});
