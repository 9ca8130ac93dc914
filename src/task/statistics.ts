/** What this node has seen in the recent past, as `/stats` shows it. Times in ms, to two figures. */
export interface NodeStatistics {
  /** The time these figures speak of, at most. */
  readonly windowSeconds: number;
  readonly acceptedPerSecond: number;
  readonly startedPerSecond: number;
  readonly endedPerSecond: number;
  /** Completed among all that completed or failed; null when none did. */
  readonly successRate: number | null;
  readonly queueWaitMs: Percentiles | null;
  readonly targetMs: Percentiles | null;
  /** Requests turned away since the start, by error code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly lanes: Readonly<Record<string, LaneStatistics>>;
  /** How long attempts took, by the base URL they were sent to. */
  readonly targets: Readonly<Record<string, Percentiles | null>>;
}

export interface LaneStatistics {
  readonly queueWaitMs: Percentiles | null;
  readonly targetMs: Percentiles | null;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}
