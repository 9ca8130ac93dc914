// The adaptive limit, one sample after the other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdaptiveLimit } from "../../src/dispatch/adaptive.ts";
import type { ConcurrencyLimit, Sample } from "../../src/dispatch/concurrency.ts";
import { createManualClock } from "../lib/manual-clock.ts";

function stage(): { limit: ConcurrencyLimit; hear: (sample: Partial<Sample>, times?: number) => void } {
  const clock = createManualClock();
  const limit = createAdaptiveLimit({ clock, most: () => 100 });
  return {
    limit,
    hear(sample, times = 1) {
      for (let heard = 0; heard < times; heard++) {
        clock.advance(10);
        limit.record({ durationMs: 50, outcome: "answered", inFlight: limit.current(), ...sample });
      }
    },
  };
}

test("it starts low and doubles until the first sign", () => {
  const { limit, hear } = stage();
  assert.equal(limit.current(), 4);
  hear({}, 8);
  assert.equal(limit.current(), 8);
  hear({}, 4 + 16);
  assert.equal(limit.current(), 16);
  hear({ durationMs: 200 }, 8 + 32);
  assert.ok(limit.current() < 16);
});

test("what was sent before the limit was lowered is not held against it again", () => {
  const { limit, hear } = stage();
  hear({}, 8 + 4 + 16);
  assert.equal(limit.current(), 16);
  hear({ outcome: "overloaded", durationMs: 500 });
  const lowered = limit.current();
  assert.ok(lowered < 16);
  hear({ outcome: "overloaded", durationMs: 500 }, 15);
  assert.equal(limit.current(), lowered);
  hear({ outcome: "overloaded", durationMs: 5 });
  assert.ok(limit.current() < lowered);
});

test("while it is halved to measure, the first refusal lowers what it goes back to, the next itself", () => {
  for (const refusals of [1, 2]) {
    const { limit, hear } = stage();
    hear({}, 8 + 4 + 16);
    hear({ durationMs: 200, inFlight: 16 }, 8 + 32);
    assert.equal(limit.current(), 4, "half of what came of 16");
    hear({ outcome: "overloaded", durationMs: 5 });
    assert.equal(limit.current(), 4);
    if (refusals === 1) {
      hear({}, 16 + 8);
      assert.equal(limit.current(), 8, "less than the 9 it was");
    } else {
      hear({ outcome: "overloaded", durationMs: 5 });
      assert.equal(limit.current(), 3);
    }
  }
});

test("what was measured far above the last time is soon measured again, what was not is not", () => {
  for (const [uncrowdedMs, isSuspect] of [
    [100, true],
    [55, false],
  ] as const) {
    const { limit, hear } = stage();
    hear({}, 8 + 4 + 16);
    hear({ durationMs: 200, inFlight: 16 }, 8 + 32);
    hear({ durationMs: uncrowdedMs }, 16 + 8);
    let isHalved = false;
    for (let answer = 0; answer < 200; answer++) {
      hear({ durationMs: uncrowdedMs * 1.2 });
      isHalved ||= limit.current() <= 5;
    }
    assert.equal(isHalved, isSuspect);
  }
});

test("targets that were not reached say nothing", () => {
  const { limit, hear } = stage();
  hear({ outcome: "unreached", durationMs: 10_000 }, 100);
  assert.equal(limit.current(), 4);
});

test("answers that took no time at all are answers", () => {
  const { limit, hear } = stage();
  hear({ durationMs: 0 }, 8);
  assert.equal(limit.current(), 8);
});
