import type { Clock } from "../lib/clock.ts";

/**
 * How many retries a pool bears, so that an outage ends without a storm: over ten seconds a share of its first attempts,
 * and a reserve for those who send little. As Finagle's `RetryBudget` counts (ttl 10 s, minRetriesPerSec 1), with one
 * difference: a retry that is answered well is given back, so that after an outage without new requests those that wait
 * are not held to one a second. When everything fails, nothing is given back.
 */
export interface RetryBudget {
  /** A first attempt is made. */
  deposit(): void;
  /** Pays for a retry; false when there is nothing left to pay with. */
  withdraw(): boolean;
  /** A retry was answered well. */
  giveBack(): void;
}

const SLOT_MS = 1_000;
const SLOTS = 10;

/** Retries in ten seconds that need no first attempts. */
const RESERVE = 10;

/** Ten tenths make one, whatever binary fractions say. */
const ROUNDING = 1e-6;

/** `share` is retries for each first attempt; with 1 or more there is no limit. */
export function createRetryBudget(share: number, clock: Pick<Clock, "monotonicMs">): RetryBudget {
  const slots = new Float64Array(SLOTS);
  let latest = Math.floor(clock.monotonicMs() / SLOT_MS);

  function add(amount: number): void {
    forget();
    slots[latest % SLOTS] = (slots[latest % SLOTS] ?? 0) + amount;
  }

  function forget(): void {
    const slot = Math.floor(clock.monotonicMs() / SLOT_MS);
    if (slot - latest >= SLOTS) slots.fill(0);
    else for (let passed = latest + 1; passed <= slot; passed++) slots[passed % SLOTS] = 0;
    latest = slot;
  }

  function balance(): number {
    forget();
    return slots.reduce((sum, amount) => sum + amount, RESERVE);
  }

  return {
    deposit: () => add(share),
    withdraw() {
      if (share >= 1) return true;
      if (balance() + ROUNDING < 1) return false;
      add(-1);
      return true;
    },
    giveBack: () => add(1),
  };
}
