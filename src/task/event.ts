import type { LaneSettings } from "./lane.ts";
import type { CircuitState } from "./target-state.ts";
import type { AttemptOutcome, FinalState, Progress, Reason, State, TaskError } from "./task.ts";

/** Everything worth telling: one catalogue, so that logs, metrics and waiting clients speak of the same facts. */
export interface TaskEvents {
  "task.accepted": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly method: string;
    readonly path: string;
    readonly sizeBytes: number;
    readonly priority: number;
    /** When it is due; null for at once. */
    readonly notBefore: number | null;
    readonly retryOf: string | null;
  };
  "task.refused": {
    readonly lane: string;
    readonly method: string;
    readonly path: string;
    readonly code: string;
  };
  /** A request, or a batch of them, that had come before under its key; null for a batch, which has no lane. */
  "request.repeated": { readonly id: string; readonly lane: string | null };
  "attempt.started": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly attempt: number;
    readonly waitedMs: number;
  };
  "attempt.ended": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly attempt: number;
    /** Base URL it was sent to; null when it came to none. */
    readonly target: string | null;
    readonly outcome: AttemptOutcome;
    readonly status: number | null;
    readonly durationMs: number;
    readonly error: TaskError | null;
  };
  /** Back in line: waiting for another try. */
  "task.requeued": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly attempt: number;
    readonly reason: Reason;
    readonly notBefore: number | null;
    /** False when the attempt was given back: nothing was sent. */
    readonly tried: boolean;
  };
  "task.progress": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly progress: Progress;
  };
  "task.ended": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly from: "pending" | "processing";
    readonly state: FinalState;
    readonly reason: Reason;
    readonly attempt: number | null;
    readonly error: TaskError | null;
  };
  /** A late outcome that was not written: the task had been cancelled or taken over. */
  "settlement.rejected": { readonly id: string; readonly lane: string; readonly attempt: number };
  "task.removed": {
    readonly id: string;
    readonly lane: string;
    readonly client: string;
    readonly state: State;
  };
  "tasks.pruned": { readonly count: number };
  "lease.taken_over": {
    readonly id: string;
    readonly lane: string;
    readonly attempt: number;
  };
  /** A target failed again and again, is tried again, or is back. */
  "target.circuit": {
    readonly pool: string;
    readonly target: string;
    readonly from: CircuitState;
    readonly to: CircuitState;
    readonly failures: number;
    /** When it is tried again. */
    readonly until: number | null;
  };
  /** What the active checks say of a target has changed. */
  "target.health": {
    readonly pool: string;
    readonly target: string;
    readonly healthy: boolean;
    readonly why: string;
  };
  /** A retry was put off: too large a share of what a pool gets are retries. */
  "retry.held_back": { readonly id: string; readonly lane: string; readonly pool: string };
  "lane.changed": { readonly lane: string; readonly settings: LaneSettings };
  /** One try to deliver a webhook; `state` is what it is now. */
  "webhook.tried": {
    readonly delivery: string;
    readonly taskId: string | null;
    readonly endpoint: string | null;
    readonly type: string;
    readonly tries: number;
    readonly status: number | null;
    readonly error: string | null;
    readonly state: "pending" | "delivered" | "failed";
  };
  /** A receiver said 410: nothing is sent there any more. */
  "webhook.disabled": { readonly url: string; readonly failed: number };
  "alert.raised": { readonly rule: string; readonly subject: string; readonly text: string };
  "alert.resolved": { readonly rule: string; readonly subject: string; readonly text: string };
  /** A call that was turned away for its key, or for want of one. */
  "access.denied": {
    readonly code: "unauthorized" | "forbidden" | "quota_exceeded";
    readonly key: string | null;
    readonly method: string;
    readonly path: string;
  };
  "key.changed": { readonly name: string; readonly change: "added" | "removed"; readonly by: string | null };
  "storage.full": { readonly freeBytes: number | null };
  "storage.recovered": { readonly freeBytes: number };
}
