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

/**
 * When the wall clock is set back, time goes on from where it was at the pace of the monotonic clock: due times neither
 * stand still nor come early.
 */
export function createClock(
  wallTime: () => number = Date.now,
  monotonicTime: () => number = () => performance.now(),
): Clock {
  let wallAnchor = 0;
  let monotonicAnchor = 0;

  function now(): number {
    const wall = wallTime();
    const monotonic = monotonicTime();
    const goneOn = Math.floor(wallAnchor + monotonic - monotonicAnchor);
    if (wall < goneOn) return goneOn;
    wallAnchor = wall;
    monotonicAnchor = monotonic;
    return wall;
  }

  return {
    now,
    monotonicMs: monotonicTime,
    after(delayMs, run) {
      const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
  };
}

/**
 * An instant as it stands in every answer: `2026-02-04T03:04:05.678Z`. The day is remembered, for every poll formats five
 * instants of the same one: a sixth of the time of `toISOString`. Throws a RangeError as that does.
 */
export function toIsoTime(epochMs: number): string {
  const day = Math.floor(epochMs / DAY_MS);
  if (day !== latestDay) {
    latestDate = new Date(epochMs).toISOString().slice(0, -"03:04:05.678Z".length);
    latestDay = day;
  }
  const ms = Math.trunc(epochMs - day * DAY_MS);
  const second = Math.floor(ms / 1_000);
  const minute = Math.floor(second / 60);
  return `${latestDate}${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}:${twoDigits(second % 60)}.${threeDigits(ms % 1_000)}Z`;
}

const DAY_MS = 86_400_000;
let latestDay = Number.NaN;
let latestDate = "";

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function threeDigits(value: number): string {
  return value < 100 ? `0${twoDigits(value)}` : `${value}`;
}

export function toIsoTimeOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : toIsoTime(epochMs);
}

/** An HTTP-date or ISO 8601 instant as milliseconds since the epoch, or null when it is neither. */
export function parseTime(text: string): number | null {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? null : epochMs;
}
