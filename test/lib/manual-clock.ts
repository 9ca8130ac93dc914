import type { Clock } from "../../src/lib/clock.ts";

/** A clock that stands still until it is told to move; timers fire in the order of their times. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** How many timers are waiting. */
  readonly timers: number;
}

export function createManualClock(start = 1_000_000): ManualClock {
  let time = start;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => time,
    monotonicMs: () => time,
    after(delayMs, run) {
      const timer = { at: time + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const until = time + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        time = Math.max(time, due.at);
        due.run();
      }
      time = until;
    },
    get timers() {
      return timers.size;
    },
  };
}
