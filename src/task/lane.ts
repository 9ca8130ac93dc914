/** So many in a time: `50/s` is 50 in 1,000 ms. `burst` is how many may gather while there is nothing to do. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
  readonly burst: number;
}

/** What was changed about a lane while running. Kept over restarts; null where the configuration stands. */
export interface LaneSettings {
  readonly paused: boolean;
  readonly maxConcurrent: number | "auto" | null;
  readonly maxQueueSize: number | null;
  readonly rate: Rate | "none" | null;
}

export const UNCHANGED: LaneSettings = Object.freeze({
  paused: false,
  maxConcurrent: null,
  maxQueueSize: null,
  rate: null,
});

/** The most that a limit of `auto` may grow to. */
export const MOST_ADAPTIVE = 1_000;
