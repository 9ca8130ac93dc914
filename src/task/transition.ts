import type { Settlement } from "./settlement.ts";
import type { Attempt, ClaimedTask, Reason, StoredResponse, TaskError } from "./task.ts";
import { State } from "./task.ts";

/**
 * The state machine's way out of `processing`: one constructor for each transition, returning the only legal set of
 * changes. Accepting, claiming, cancelling and giving up start in the store, where their condition can be checked.
 *
 *   processing → completed   `complete`
 *   processing → failed      `fail`
 *   processing → cancelled   by the store's `cancel`; `standDown` then only frees the slot
 *   processing → pending     `retry` (later), `interrupt` (at once; this node is stopping), `postpone` (nothing was tried)
 */

export function complete(
  task: ClaimedTask,
  attempt: Attempt,
  response: StoredResponse,
  at: number,
): Settlement {
  return { to: State.completed, lease: task.lease, reason: "completed", at, attempt, error: null, response };
}

export function fail(
  task: ClaimedTask,
  attempt: Attempt,
  reason: Reason,
  error: TaskError,
  response: StoredResponse | null,
  at: number,
): Settlement {
  return { to: State.failed, lease: task.lease, reason, at, attempt, error, response };
}

export function retry(
  task: ClaimedTask,
  attempt: Attempt,
  reason: "retry_backoff" | "node_lost",
  error: TaskError,
  notBefore: number,
  at: number,
): Settlement {
  return { to: State.pending, lease: task.lease, reason, at, attempt, error, notBefore };
}

/** `attempt` is null when nothing was sent: the attempt is given back and its number used again. */
export function interrupt(task: ClaimedTask, attempt: Attempt | null, at: number): Settlement {
  return {
    to: State.pending,
    lease: task.lease,
    reason: "interrupted",
    at,
    attempt,
    error: null,
    notBefore: null,
  };
}

/** The attempt is given back: no target could take it. `notBefore` is null for as soon as there is room. */
export function postpone(
  task: ClaimedTask,
  reason: "queued" | "retry_backoff",
  notBefore: number | null,
  at: number,
): Settlement {
  return { to: State.pending, lease: task.lease, reason, at, attempt: null, error: null, notBefore };
}

/** The task was cancelled while it ran: its state stands, this frees the slot it held. */
export function standDown(task: ClaimedTask, attempt: Attempt, at: number): Settlement {
  return {
    to: State.cancelled,
    lease: task.lease,
    reason: "cancelled",
    at,
    attempt,
    error: null,
    response: null,
  };
}
