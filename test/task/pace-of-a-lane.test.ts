import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createPace, type Pace } from "../../src/task/pace.ts";

/** A lane on virtual time: so many slots, each start `turnaroundMs` after a slot became free. */
interface LaneOnPaper {
  readonly slots: number;
  readonly turnaroundMs?: number;
  readonly targetMs: (n: number) => number;
}

interface Run {
  readonly pace: Pace;
  readonly time: { now: number };
  /** Runs as many tasks, `arrivals` saying when each came; calls `look` at each start. Answers when each ended. */
  run(arrivals: readonly number[], look?: (started: number) => void): readonly number[];
}

function lane({ slots, turnaroundMs = 0, targetMs }: LaneOnPaper): Run {
  const time = { now: 0 };
  const pace = createPace({ clock: { monotonicMs: () => time.now }, slotsOf: () => slots });
  return {
    pace,
    time,
    run(arrivals, look) {
      const freeAt: number[] = Array.from({ length: slots }, () => 0);
      const running: { readonly endsAt: number; readonly took: number }[] = [];
      const ends: number[] = [];
      const endUntil = (at: number): void => {
        running.sort((one, other) => one.endsAt - other.endsAt);
        while (running[0] !== undefined && running[0].endsAt <= at) {
          const { endsAt, took } = running.shift()!;
          time.now = endsAt;
          pace.attemptEnded("l", took);
        }
      };
      for (const [n, arrivedAt] of arrivals.entries()) {
        const slot = freeAt.indexOf(Math.min(...freeAt));
        const startsAt = Math.max(arrivedAt, freeAt[slot]! + turnaroundMs);
        endUntil(startsAt);
        time.now = startsAt;
        pace.attemptStarted("l", startsAt - arrivedAt);
        const took = targetMs(n);
        running.push({ endsAt: startsAt + took, took });
        freeAt[slot] = startsAt + took;
        ends[n] = startsAt + took;
        look?.(n);
      }
      endUntil(Infinity);
      return ends;
    },
  };
}

const atOnce = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

/** The same numbers every time. */
function scatter(n: number): number {
  return ((n * 2_654_435_761) % 1_000) / 1_000;
}

describe("the time until a waiting task is done", () => {
  const services: readonly (readonly [string, LaneOnPaper])[] = [
    ["one slot, even", { slots: 1, targetMs: () => 400 }],
    ["ten slots, even", { slots: 10, targetMs: () => 2_000 }],
    ["ten slots, uneven", { slots: 10, targetMs: (n) => 500 + 3_000 * scatter(n) }],
    ["fast, and half of the time lost between two", { slots: 4, turnaroundMs: 2, targetMs: () => 2 }],
  ];
  for (const [name, paper] of services) {
    test(`is right within 20% in steady service: ${name}`, () => {
      const { pace, time, run } = lane(paper);
      const promised: { readonly task: number; readonly at: number; readonly seconds: number }[] = [];
      const ends = run(atOnce(3_000), (started) => {
        if (started < 100 || started > 1_500 || started % 10 !== 0) return;
        // Far enough down the line for tenths of a second not to count.
        const position = 1_000;
        promised.push({ task: started + position, at: time.now, seconds: pace.etaSeconds("l", position)! });
      });
      assert.ok(promised.length > 100);
      for (const { task, at, seconds } of promised) {
        const truth = (ends[task]! - at) / 1_000;
        assert.ok(Math.abs(seconds - truth) <= 0.2 * truth, `${seconds} s promised, ${truth} s in truth`);
      }
    });
  }

  test("follows a target that became slower", () => {
    const { pace, run } = lane({ slots: 4, targetMs: (n) => (n < 400 ? 100 : 1_000) });
    const rates: number[] = [];
    run(atOnce(800), (n) => (rates[n] = pace.drainPerSecond("l")!));
    assert.ok(Math.abs(rates[390]! - 40) < 2, `${rates[390]}`);
    // 250 starts later, a minute.
    assert.ok(Math.abs(rates[650]! - 4) < 1, `${rates[650]}`);
  });

  test("an idle lane is judged by its slots, not by how little there was to do", () => {
    const { pace, run } = lane({ slots: 5, targetMs: () => 2_000 });
    run(Array.from({ length: 20 }, (_, n) => n * 10_000));
    assert.equal(pace.etaSeconds("l", 1), 2);
    assert.equal(pace.etaSeconds("l", 5), 2);
    assert.equal(pace.etaSeconds("l", 6), 4);
    assert.ok(Math.abs(pace.drainPerSecond("l")! - 2.5) < 0.001);
  });

  test("free slots are taken at once", () => {
    const { pace, run } = lane({ slots: 5, targetMs: () => 2_000 });
    run(atOnce(1));
    pace.attemptStarted("l", 0);
    assert.equal(pace.etaSeconds("l", 4), 2);
    assert.equal(pace.etaSeconds("l", 5), 2.4);
  });

  test("a task that waited while nothing ran says nothing about the pace", () => {
    const { pace, time, run } = lane({ slots: 1, targetMs: () => 1_000 });
    run(atOnce(20));
    const before = pace.drainPerSecond("l");
    for (let day = 1; day <= 20; day++) {
      time.now = day * 86_400_000;
      pace.attemptStarted("l", 86_400_000);
      pace.attemptEnded("l", 1_000);
    }
    assert.ok(Math.abs(pace.drainPerSecond("l")! - before!) < 0.001);
  });

  test("a backlog of hours that is found at the start does not count as time in which little was done", () => {
    const { pace, time } = lane({ slots: 2, targetMs: () => 1_000 });
    for (let n = 0; n < 40; n++) {
      pace.attemptStarted("l", 3_600_000);
      if (n > 0) pace.attemptEnded("l", 1_000);
      time.now += 500;
    }
    assert.ok(Math.abs(pace.drainPerSecond("l")! - 2) < 0.1);
  });
});

test("nothing measured, nothing said", () => {
  const { pace } = lane({ slots: 5, targetMs: () => 0 });
  assert.equal(pace.etaSeconds("l", 3), null);
  assert.equal(pace.drainPerSecond("l"), null);
  assert.equal(pace.remainingSeconds("l", 10), null);
  assert.equal(pace.retryAfterSeconds("l"), 5);
  pace.attemptStarted("l", 0);
  pace.attemptEnded("l", null);
  assert.equal(pace.etaSeconds("l", 3), null, "a target that was not reached took no time");
});

test("what is left of a running task is never negative", () => {
  const { pace, run } = lane({ slots: 1, targetMs: () => 5_000 });
  run(atOnce(3));
  assert.equal(pace.remainingSeconds("l", 1_000), 4);
  assert.equal(pace.remainingSeconds("l", 9_000), 0);
});

test("lanes have nothing to do with each other", () => {
  const { pace, run } = lane({ slots: 1, targetMs: () => 5_000 });
  run(atOnce(3));
  assert.equal(pace.etaSeconds("other", 1), null);
});

for (const [targetMs, seconds] of [
  [20, 1],
  [7_000, 7],
  [900_000, 300],
] as const) {
  test(`a full lane of ${targetMs} ms tasks has room in ${seconds} s`, () => {
    const { pace, run } = lane({ slots: 1, targetMs: () => targetMs });
    run(atOnce(10));
    assert.equal(pace.retryAfterSeconds("l"), seconds);
  });
}
