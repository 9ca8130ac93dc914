/** How many attempts of a lane may run at once. */
export interface ConcurrencyLimit {
  /** A whole number from 1. */
  current(): number;
  /** Hears of every attempt that ended. */
  record(sample: Sample): void;
}

export interface Sample {
  /** How long the target took. */
  readonly durationMs: number;
  /**
   *  - `answered`    a complete answer, whatever its status
   *  - `overloaded`  429, 503, or no answer in time
   *  - `unreached`   says nothing about how much the target can bear
   */
  readonly outcome: "answered" | "overloaded" | "unreached";
  /** Attempts of the lane that were running on this node when this one ended, itself included. */
  readonly inFlight: number;
}

export function fixedLimit(limit: number): ConcurrencyLimit {
  return { current: () => limit, record: () => {} };
}
