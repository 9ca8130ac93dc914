import type { Clock } from "../lib/clock.ts";

/**
 * How fast each lane moves, as this node sees it. Everything is a ratio of two sums that fade together, so an event costs
 * a few additions, nothing is kept of the past, and what happened lately counts most.
 */
export interface Pace {
  /** A task left the line for a slot. `waitedMs` is how long it stood in line; null when that is not known (another try). */
  attemptStarted(lane: string, waitedMs: number | null): void;
  /** A slot became free. `targetMs` is how long the target took; null when it was not reached. */
  attemptEnded(lane: string, targetMs: number | null): void;
  /** Tasks that leave the line in a second while there is a line; null when nothing was ever measured. */
  drainPerSecond(lane: string): number | null;
  /** Until the task at this place in line (1 is next) will be done; null when nothing was ever measured. */
  etaSeconds(lane: string, position: number): number | null;
  /** Until that task begins; null when nothing was ever measured. */
  startsInSeconds(lane: string, position: number): number | null;
  /** The last place in line whose task begins within so long; Infinity when nothing was ever measured. */
  placesWithin(lane: string, ms: number): number;
  /** Until a task that has run for so long will be done, never negative; null when nothing was ever measured. */
  remainingSeconds(lane: string, elapsedMs: number): number | null;
  /** Until a full lane will have room: a whole number from 1 to 300. */
  retryAfterSeconds(lane: string): number;
}

export interface PaceSettings {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** How many tasks of a lane may run at once. */
  readonly slotsOf: (lane: string) => number;
}

export function createPace({ clock, slotsOf }: PaceSettings): Pace {
  const lanes = new Map<string, Measured>();

  function measuredIn(lane: string): Measured {
    let measured = lanes.get(lane);
    if (measured === undefined) lanes.set(lane, (measured = { ...NOTHING }));
    return measured;
  }

  function perMs(lane: string): number | null {
    const measured = lanes.get(lane);
    return measured === undefined ? null : drainPerMs(measured, slotsOf(lane));
  }

  /** Until the task at this place begins, and how long it will take then. */
  function outlook(lane: string, position: number): { startsInMs: number; usualMs: number } | null {
    const rate = perMs(lane);
    const measured = lanes.get(lane);
    if (measured === undefined || rate === null) return null;
    const slots = slotsOf(lane);
    const usualMs = usualTargetMs(measured);
    // An idle lane starts as many at once as it has slots, and they end together.
    if (measured.inFlight === 0) return { startsInMs: usualMs * (Math.ceil(position / slots) - 1), usualMs };
    const free = slots - (measured.inFlight ?? slots);
    return { startsInMs: Math.max(0, position - Math.max(1, free)) / rate, usualMs };
  }

  return {
    attemptStarted: (lane, waitedMs) => recordStart(measuredIn(lane), waitedMs, clock.monotonicMs()),
    attemptEnded: (lane, targetMs) => recordEnd(measuredIn(lane), targetMs, clock.monotonicMs()),
    drainPerSecond(lane) {
      const rate = perMs(lane);
      return rate === null ? null : rate * 1_000;
    },
    etaSeconds(lane, position) {
      const ahead = outlook(lane, position);
      return ahead && toSeconds(ahead.startsInMs + ahead.usualMs);
    },
    startsInSeconds(lane, position) {
      const ahead = outlook(lane, position);
      return ahead && toSeconds(ahead.startsInMs);
    },
    placesWithin(lane, ms) {
      const rate = perMs(lane);
      const measured = lanes.get(lane);
      if (measured === undefined || rate === null) return Infinity;
      const slots = slotsOf(lane);
      if (measured.inFlight === 0) return slots * (Math.floor(ms / usualTargetMs(measured)) + 1);
      const free = slots - (measured.inFlight ?? slots);
      return Math.floor(ms * rate) + Math.max(1, free);
    },
    remainingSeconds(lane, elapsedMs) {
      const measured = lanes.get(lane);
      if (measured === undefined || measured.ends === 0) return null;
      return toSeconds(Math.max(0, usualTargetMs(measured) - elapsedMs));
    },
    retryAfterSeconds(lane) {
      const rate = perMs(lane);
      return rate === null ? RETRY_AFTER_UNKNOWN_S : toRetryAfter(Math.round(1 / rate) / 1_000);
    },
  };
}

const RETRY_AFTER_UNKNOWN_S = 5;
const LONGEST_RETRY_AFTER_S = 300;

/** Seconds as a whole number that clients can go by, from 1 to 300. */
export function toRetryAfter(seconds: number): number {
  return Math.min(LONGEST_RETRY_AFTER_S, Math.max(1, Math.ceil(seconds)));
}

/** Sums fade by this time or by this many events, whichever is slower: a lane of ten-minute tasks remembers more than one. */
const FADE_MS = 5_000;
const SLOWEST_FADE = 15 / 16;

/** From a slot becoming free to its next task: claims are looked for once a second at least. */
const LONGEST_TURNAROUND_MS = 1_500;

/** Fewer drained tasks than this say nothing about a rate. */
const ENOUGH_DRAINED = 4;

interface Measured {
  /** Null while no start was told: then all slots count as taken. */
  inFlight: number | null;
  /** When a slot last became free. */
  freedAt: number;
  /** Tasks that came out of a line, and the time during which there was one. */
  drained: number;
  lineMs: number;
  drainedAt: number;
  /** Attempts that reached the target, and the time it took for them. */
  ends: number;
  targetMs: number;
  endedAt: number;
}

const NOTHING: Measured = Object.freeze({
  inFlight: null,
  freedAt: -Infinity,
  drained: 0,
  lineMs: 0,
  drainedAt: -Infinity,
  ends: 0,
  targetMs: 0,
  endedAt: -Infinity,
});

function recordStart(measured: Measured, waitedMs: number | null, now: number): void {
  // It was not the slots that a task waited for when nothing ran for long: it was delayed, or the lane was paused.
  const stoodStill = !measured.inFlight && now - measured.freedAt > LONGEST_TURNAROUND_MS;
  if (!stoodStill && waitedMs !== null && waitedMs > 0) {
    const sinceLast = now - measured.drainedAt;
    const fade = fadeOver(sinceLast);
    measured.drained = measured.drained * fade + 1;
    // Waits overlap; each stretch of time with a line counts once.
    measured.lineMs = measured.lineMs * fade + Math.min(waitedMs, sinceLast);
  }
  // After a standstill the time of a line is counted from here.
  if (stoodStill || waitedMs !== null) measured.drainedAt = now;
  measured.inFlight = (measured.inFlight ?? 0) + 1;
}

function recordEnd(measured: Measured, targetMs: number | null, now: number): void {
  // A lease taken over ends here without having started here.
  if (measured.inFlight) measured.inFlight -= 1;
  measured.freedAt = now;
  if (targetMs === null) return;
  const fade = fadeOver(now - measured.endedAt);
  measured.ends = measured.ends * fade + 1;
  measured.targetMs = measured.targetMs * fade + targetMs;
  measured.endedAt = now;
}

function fadeOver(elapsedMs: number): number {
  return Math.max(SLOWEST_FADE, Math.exp(-elapsedMs / FADE_MS));
}

/** Clock readings of whole milliseconds make the fastest answers take none. */
const SHORTEST_MS = 0.5;

function usualTargetMs(measured: Measured): number {
  return Math.max(SHORTEST_MS, measured.targetMs / measured.ends);
}

/**
 * What was measured, but never more than the slots allow (Little's law): starts out of a line of one or two, as an
 * underloaded lane has them, come in quick succession and would promise any speed.
 */
function drainPerMs(measured: Measured, slots: number): number | null {
  if (measured.ends === 0) return null;
  const bySlots = slots / usualTargetMs(measured);
  if (measured.drained < ENOUGH_DRAINED || measured.lineMs <= 0) return bySlots;
  return Math.min(bySlots, measured.drained / measured.lineMs);
}

function toSeconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
