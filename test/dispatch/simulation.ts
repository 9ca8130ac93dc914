// A lane with endless tasks and a target, simulated on a manual clock: an hour of them takes a second, and the same in
// every run.

import type { ConcurrencyLimit, Sample } from "../../src/dispatch/concurrency.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { seededRandom } from "../crash/random.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { shareCapacity } from "../rig/shared-capacity.ts";

export interface Conditions {
  /** Requests at once that do not slow each other down. */
  readonly best: number;
  readonly contention?: number;
  /** How long a request takes alone, on average. */
  readonly workMs?: number;
  /** How much that varies: the standard deviation of its logarithm. */
  readonly sigma?: number;
  /** Answers 429 at once while it has so many. */
  readonly refusesFrom?: number;
  /** Answers 503 to this share, however few there are. */
  readonly refusedShare?: number;
  /** Tasks there are at once; endless by default. */
  readonly waiting?: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly p95Ms: number;
  readonly refused: number;
}

export interface Simulation {
  readonly limit: ConcurrencyLimit;
  change(conditions: Conditions): void;
  run(ms: number): Measured;
}

/** From the end of an attempt until its slot is free. */
const SETTLE_MS = 1;

export function simulate(
  limitOn: (clock: Clock) => ConcurrencyLimit,
  initial: Conditions,
  seed = 1,
): Simulation {
  const clock = createManualClock();
  const random = seededRandom(seed);
  const limit = limitOn(clock);
  let conditions = initial;
  const capacityNow = (): { best: number; contention: number } => ({ contention: 0.2, ...conditions });
  const target = shareCapacity(capacityNow(), clock);
  let inFlight = 0;
  let answers: number[] = [];
  let refused = 0;

  function fill(): void {
    while (inFlight < Math.min(limit.current(), conditions.waiting ?? Infinity)) begin();
  }

  function begin(): void {
    const { refusesFrom = Infinity, refusedShare = 0, workMs = 50, sigma = 0 } = conditions;
    const startedAt = clock.monotonicMs();
    inFlight += 1;
    if (target.inFlight >= refusesFrom || random() < refusedShare)
      clock.after(1, () => end(startedAt, "overloaded"));
    else target.work(workMs * logNormal(random, sigma), () => end(startedAt, "answered"));
  }

  function end(startedAt: number, outcome: Sample["outcome"]): void {
    const durationMs = clock.monotonicMs() - startedAt;
    if (outcome === "answered") answers.push(durationMs);
    else refused += 1;
    limit.record({ durationMs, outcome, inFlight });
    clock.after(SETTLE_MS, () => {
      inFlight -= 1;
      fill();
    });
  }

  return {
    limit,
    change(changed) {
      conditions = changed;
      target.change(capacityNow());
      fill();
    },
    run(ms) {
      answers = [];
      refused = 0;
      fill();
      clock.advance(ms);
      const sorted = answers.toSorted((a, b) => a - b);
      return {
        perSecond: (answers.length * 1_000) / ms,
        p95Ms: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN,
        refused,
      };
    },
  };
}

/** With a mean of 1. */
function logNormal(random: () => number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(sigma * normal - sigma ** 2 / 2);
}
