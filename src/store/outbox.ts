import type { FinalState } from "../task/task.ts";

/**
 * What is owed to webhook receivers. Rows about tasks are written by the store in the transaction that makes a task final
 * (`NewTask.callbacks`); alerts are added. Nothing is owed twice: a delivery keeps its id over all its tries.
 */
export interface OutboxStore {
  /** What is for a URL that is gone fails at once, as a task's does. */
  add(deliveries: readonly NewDelivery[]): Promise<void>;
  /** Takes up to `limit` that are due, which nobody else gets before `until`; oldest due first. */
  take(now: number, until: number, limit: number): Promise<OutboxWork>;
  /** Gives back what was taken and could not be begun; it is due again then. */
  putBack(ids: readonly string[], dueAt: number): Promise<void>;
  /** Writes a try and what follows; false when it is not pending any more. A URL that took a delivery is not gone. */
  record(id: string, attempt: DeliveryAttempt, next: DeliveryNext): Promise<boolean>;
  /** Pending again, due now, with all its tries left; null when there is no such delivery, false when it is pending. */
  redeliver(id: string, now: number): Promise<boolean | null>;
  find(id: string): Promise<Delivery | null>;
  /** Newest first. A page may be short: one look-up reads a bounded number of rows. */
  list(
    filter: DeliveryFilter,
  ): Promise<{ readonly deliveries: readonly Delivery[]; readonly next: string | null }>;
  /** Remembers that a URL is gone (410), and fails what is pending for it: some at a time, to be called until it answers 0. Answers how many. */
  disable(url: string, now: number): Promise<number>;
  enable(url: string): Promise<boolean>;
  disabled(): Promise<readonly { readonly url: string; readonly since: number }[]>;
  /** Deletes up to `limit` that ended before an instant. */
  prune(endedBefore: number, limit: number): Promise<number>;
}

export interface OutboxWork {
  readonly deliveries: readonly Delivery[];
  /** When the next falls due; null when none is left. */
  readonly nextDueAt: number | null;
}

/** Alerts, tests. */
export interface NewDelivery {
  readonly id: string;
  readonly endpoint: string | null;
  readonly url: string;
  readonly type: string;
  /** Sent as it is. */
  readonly payload: string;
  readonly createdAt: number;
}

export interface Delivery {
  /** `msg_…` */
  readonly id: string;
  readonly endpoint: string | null;
  readonly url: string;
  /** `task.completed`, `task.failed`, `task.cancelled`, `alert.raised`, … */
  readonly type: string;
  /** Null for a task's, which is made of the task. */
  readonly payload: string | null;
  readonly taskId: string | null;
  /** Of the task's client; null for what is about no task. */
  readonly client: string | null;
  readonly taskState: FinalState | null;
  readonly state: DeliveryState;
  readonly createdAt: number;
  readonly nextAt: number | null;
  readonly endedAt: number | null;
  /** Tries since it was last begun; `log` has all that were kept, the oldest first. */
  readonly tries: number;
  readonly log: readonly DeliveryAttempt[];
}

export type DeliveryState = "pending" | "delivered" | "failed";

export interface DeliveryAttempt {
  readonly at: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
}

export type DeliveryNext =
  | { readonly state: "delivered" | "failed" }
  | { readonly state: "pending"; readonly nextAt: number };

export interface DeliveryFilter {
  readonly limit: number;
  /** `next` of the page before. What is older than a delivery that was deleted since goes with it: nothing follows. */
  readonly after?: string;
  readonly state?: DeliveryState;
  readonly taskId?: string;
  readonly endpoint?: string;
  readonly client?: string;
}
