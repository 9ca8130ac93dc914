/** How a target stands, as this node sees it. */
export interface TargetState {
  readonly pool: string;
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly weight: number;
  /** Requests it has now, from this node. */
  readonly inFlight: number;
  /** Its own limit; null for none but the lanes'. */
  readonly limit: number | null;
  /** By its active checks; null when there are none. */
  readonly healthy: boolean | null;
  readonly circuit: CircuitState;
  /** Failures in a row. */
  readonly failures: number;
  /** When an open circuit lets a probe through (ms since the epoch); null when it is not open. */
  readonly openUntil: number | null;
  /** What it last failed with. */
  readonly lastFailure: string | null;
}

/** `closed` lets requests through, `open` none, `half_open` one at a time until it succeeds. */
export type CircuitState = "closed" | "open" | "half_open";
