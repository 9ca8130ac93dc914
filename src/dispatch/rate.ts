import type { Clock } from "../lib/clock.ts";
import type { Rate } from "../task/lane.ts";

/**
 * A token bucket: a token comes every `perMs / count`, and at most `burst` gather, besides those that came while a timer
 * was late. It begins with one.
 */
export interface RateLimit {
  /** Takes up to `wanted` tokens; answers how many. */
  take(wanted: number): number;
  /** Puts back tokens that were not used. */
  giveBack(tokens: number): void;
  /** Until there is a token; 0 when there is one. */
  waitMs(): number;
}

export function createRateLimit({ count, perMs, burst }: Rate, clock: Pick<Clock, "monotonicMs">): RateLimit {
  const msPerToken = perMs / count;
  const most = burst + TIMER_LATENESS_MS / msPerToken;
  let tokens = 1;
  let filledAt = clock.monotonicMs();

  function fill(): void {
    const now = clock.monotonicMs();
    tokens = Math.min(most, tokens + (now - filledAt) / msPerToken);
    filledAt = now;
  }

  return {
    take(wanted) {
      fill();
      const taken = Math.max(0, Math.min(wanted, Math.floor(tokens + ROUNDING)));
      tokens -= taken;
      return taken;
    },
    giveBack(unused) {
      tokens = Math.min(most, tokens + unused);
    },
    waitMs() {
      fill();
      return tokens + ROUNDING >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) * msPerToken - ROUNDING));
    },
  };
}

/** Timers come late by up to this in a busy process. Were that lost, 700/s with a burst of 1 would be 500/s. */
const TIMER_LATENESS_MS = 10;

/** A timer that comes when the token should is not sent away because thirds do not add up to one. */
const ROUNDING = 1e-6;
