/** A client that waits for the end of a task. There may be thousands: what one of them holds is counted. */
export interface Wait {
  /** Resolves when the task has ended, the time is over, or nobody waits any more. */
  readonly over: Promise<void>;
  /** Nobody waits any more; may come again. */
  leave(): void;
}

/** Begins to wait, with the call; null when as many wait as may, or as many of this holder's. */
export type WaitUntilFinal = (id: string, timeoutMs: number, holder: string) => Wait | null;
