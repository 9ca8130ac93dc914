import type { Attempt, FinalState, Lease, Reason, StoredResponse, TaskError } from "./task.ts";

/**
 * The outcome of an attempt, to be written only if the lease is still held. Made by the constructors in
 * `task/transition.ts`, one for each legal transition out of `processing`.
 */
export type Settlement =
  | {
      readonly to: FinalState;
      readonly lease: Lease;
      readonly reason: Reason;
      readonly at: number;
      readonly attempt: Attempt;
      readonly error: TaskError | null;
      readonly response: StoredResponse | null;
    }
  | {
      readonly to: "pending";
      readonly lease: Lease;
      readonly reason: Reason;
      readonly at: number;
      /** Null when nothing left this node and the attempt is given back. */
      readonly attempt: Attempt | null;
      readonly error: TaskError | null;
      /** Not to be claimed again before this instant; null for at once. */
      readonly notBefore: number | null;
    };
