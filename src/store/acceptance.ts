/** Nothing was stored: the task would have stood beyond the last place that was wanted. */
export interface TooFarBack {
  readonly wouldBeAt: number;
}

/** Nothing was stored: the key of `dedupe` belongs to this task. */
export interface Duplicate {
  readonly duplicateOf: string;
  /** Whether it was the same request. */
  readonly isSame: boolean;
}

export interface Accepted {
  /**
   * Place in line, 1 being next; null when the task is not due yet. Exact at the end of a line and among few; in the midst
   * of many clients an estimate, because a writer counts no long lines. `find` always counts.
   */
  readonly position: number | null;
  /** Pending tasks in the lane, this one included. */
  readonly pending: number;
}
