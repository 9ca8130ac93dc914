/**
 * Time, the only place that reads it. `now` is wall-clock time that never goes backwards on this node, so that
 * `created_at` and ids stay ordered when the machine's clock is set back; `monotonicMs` is for measuring and for deadlines.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; never less than an earlier answer. */
  now(): number;
  /** Milliseconds since an arbitrary start, unaffected by changes of the wall clock. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, run: () => void): Cancel;
}

export type Cancel = () => void;

/** `setTimeout` fires at once for anything longer than 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createClock(wallTime: () => number = Date.now): Clock {
  let latest = 0;
  return {
    now: () => (latest = Math.max(latest, wallTime())),
    monotonicMs: () => performance.now(),
    after(delayMs, run) {
      const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
  };
}

/** An instant as it stands in every answer: `2026-02-04T03:04:05.678Z`. */
export function toIsoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function toIsoTimeOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : toIsoTime(epochMs);
}

/** An HTTP-date or ISO 8601 instant as milliseconds since the epoch, or null when it is neither. */
export function parseTime(text: string): number | null {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? null : epochMs;
}
