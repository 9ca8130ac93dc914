// A target whose requests share what it can do: up to its best concurrency each goes at full speed, beyond that they slow
// each other down, and a little is lost besides. On any clock: simulated in test/dispatch, behind a socket in bench/targets.

import type { Cancel, Clock } from "../../src/lib/clock.ts";

export interface Capacity {
  /** Requests at once that do not slow each other down. */
  readonly best: number;
  /** What is lost beyond that: at twice the best concurrency throughput is divided by 1 + `contention`. */
  readonly contention: number;
}

export interface SharedCapacity {
  /** Requests that are being worked on. */
  readonly inFlight: number;
  /** Calls `done` when `workMs` of work are done; alone that takes just as long. */
  work(workMs: number, done: () => void): void;
  change(capacity: Capacity): void;
}

interface Job {
  /** How far everybody's work must be for this to be done. */
  readonly doneAt: number;
  readonly done: () => void;
}

export function shareCapacity(initial: Capacity, clock: Clock): SharedCapacity {
  let capacity = initial;
  const jobs = new Set<Job>();
  /** Work done for each request that was there from the beginning, in ms. */
  let progress = 0;
  let progressedAt = clock.monotonicMs();
  let cancel: Cancel = () => {};

  function speed(): number {
    const excess = Math.max(0, jobs.size / capacity.best - 1);
    return 1 / ((1 + excess) * (1 + capacity.contention * excess));
  }

  function catchUp(): void {
    const now = clock.monotonicMs();
    progress += (now - progressedAt) * speed();
    progressedAt = now;
  }

  function waitForNext(): void {
    cancel();
    const next = Math.min(...[...jobs].map(({ doneAt }) => doneAt));
    if (jobs.size > 0) cancel = clock.after(Math.max(0, (next - progress) / speed()), finish);
  }

  function finish(): void {
    catchUp();
    const finished = [...jobs].filter(({ doneAt }) => doneAt <= progress + ROUNDING_MS);
    for (const job of finished) jobs.delete(job);
    waitForNext();
    for (const { done } of finished) done();
  }

  return {
    get inFlight() {
      return jobs.size;
    },
    work(workMs, done) {
      catchUp();
      jobs.add({ doneAt: progress + workMs, done });
      waitForNext();
    },
    change(changed) {
      catchUp();
      capacity = changed;
      waitForNext();
    },
  };
}

/** Far below what a timer can tell apart. */
const ROUNDING_MS = 1e-6;
