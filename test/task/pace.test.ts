import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "../../src/task/pace.ts";
import { createManualClock } from "../lib/manual-clock.ts";

const LANE = "default";

/** A lane with so many slots whose target takes `targetMs`, busy for so many attempts. */
function busyLane(slots: number, targetMs: number, attempts: number) {
  const clock = createManualClock();
  const pace = createPace({ clock, slotsOf: () => slots });
  for (let i = 0; i < attempts; i++) {
    clock.advance(targetMs / slots);
    pace.attemptEnded(LANE, targetMs);
  }
  return { clock, pace };
}

function assertNear(actual: number | null, expected: number, share: number): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= expected * share,
    `${actual} is not near ${expected}`,
  );
}

test("nothing is foretold before anything was measured", () => {
  const pace = createPace({ clock: createManualClock(), slotsOf: () => 5 });
  assert.equal(pace.etaSeconds(LANE, 3), null);
  assert.equal(pace.startsInSeconds(LANE, 3), null);
  assert.equal(pace.remainingSeconds(LANE, 0), null);
  assert.equal(pace.retryAfterSeconds(LANE), 5);
});

test("one measured attempt is enough: slots and its time tell the rest", () => {
  const { pace } = busyLane(5, 2_000, 1);
  assert.equal(pace.etaSeconds(LANE, 1), 2);
  assertNear(pace.etaSeconds(LANE, 51), 50 * 0.4 + 2, 0.05);
});

test("a steady lane is foretold within a fifth", () => {
  for (const [slots, targetMs] of [
    [1, 3_000],
    [5, 1_000],
    [50, 200],
    [10, 30_000],
  ] as const) {
    const { pace } = busyLane(slots, targetMs, 200);
    for (const position of [1, 10, 500]) {
      assertNear(
        pace.etaSeconds(LANE, position),
        ((position - 1) * targetMs) / slots / 1_000 + targetMs / 1_000,
        0.2,
      );
    }
  }
});

test("a task begins so much before its end as tasks usually take", () => {
  const { pace } = busyLane(5, 2_000, 200);
  assert.equal(pace.startsInSeconds(LANE, 1), 0);
  for (const position of [2, 10, 500]) {
    assertNear(pace.startsInSeconds(LANE, position), pace.etaSeconds(LANE, position)! - 2, 0.01);
  }
});

test("an idle lane begins as many at once as it has slots", () => {
  const { pace } = busyLane(5, 2_000, 1);
  pace.attemptStarted(LANE, 0);
  pace.attemptEnded(LANE, 2_000);
  assert.deepEqual(
    [1, 5, 6, 11].map((position) => pace.startsInSeconds(LANE, position)),
    [0, 0, 2, 4],
  );
});

test("a target that becomes slower is believed before long", () => {
  const { clock, pace } = busyLane(5, 100, 300);
  for (let i = 0; i < 60; i++) {
    clock.advance(400);
    pace.attemptEnded(LANE, 2_000);
  }
  assertNear(pace.etaSeconds(LANE, 101), 100 * 0.4 + 2, 0.25);
});

test("an idle hour does not make the lane look slow", () => {
  const { clock, pace } = busyLane(5, 1_000, 100);
  clock.advance(3_600_000);
  pace.attemptEnded(LANE, 1_000);
  assertNear(pace.etaSeconds(LANE, 101), 100 * 0.2 + 1, 0.25);
});

test("a slow trickle of requests says nothing about how fast the lane could be", () => {
  const clock = createManualClock();
  const pace = createPace({ clock, slotsOf: () => 5 });
  for (let i = 0; i < 50; i++) {
    clock.advance(60_000);
    pace.attemptEnded(LANE, 1_000);
  }
  assert.ok((pace.etaSeconds(LANE, 101) ?? Infinity) <= 100 * 0.4 + 1.1);
});

test("what is left of a running task never falls below nothing", () => {
  const { pace } = busyLane(1, 4_000, 20);
  assert.equal(pace.remainingSeconds(LANE, 1_000), 3);
  assert.equal(pace.remainingSeconds(LANE, 9_000), 0);
});

test("Retry-After is the time until a place is free, within bounds", () => {
  assert.equal(busyLane(1, 7_000, 50).pace.retryAfterSeconds(LANE), 7);
  assert.equal(busyLane(50, 10, 500).pace.retryAfterSeconds(LANE), 1);
  assert.equal(busyLane(1, 3_600_000, 5).pace.retryAfterSeconds(LANE), 300);
});

test("the last place that begins within a time is the last whose start is within it", () => {
  for (const idle of [true, false]) {
    const clock = createManualClock();
    const pace = createPace({ clock, slotsOf: () => 4 });
    for (let i = 0; i < 40; i++) {
      pace.attemptStarted(LANE, 5_000);
      clock.advance(250);
      pace.attemptEnded(LANE, 1_000);
    }
    if (!idle) for (let i = 0; i < 4; i++) pace.attemptStarted(LANE, 5_000);
    for (const withinMs of [0, 700, 1_000, 2_600, 60_000]) {
      const last = pace.placesWithin(LANE, withinMs);
      assert.ok(pace.startsInSeconds(LANE, last)! * 1_000 <= withinMs + 50, `${withinMs} ms`);
      assert.ok(pace.startsInSeconds(LANE, last + 1)! * 1_000 >= withinMs - 50, `${withinMs} ms`);
    }
  }
});
