import { toIsoTime, toIsoTimeOrNull } from "../lib/clock.ts";
import type { Found } from "../store/store.ts";
import { type Hold, type HoldKind, waitingFor } from "../task/hold.ts";
import {
  type Attempt,
  type Progress,
  type RawHeaders,
  State,
  type StoredResponse,
  type Task,
} from "../task/task.ts";
import { isSealed, REDACTED } from "../task/vault.ts";
import { viewHold } from "./hold-view.ts";
import type { AttemptView, ProgressView, ResponseView, TaskView } from "./task-schema.ts";

export interface ViewOptions {
  readonly longTaskThresholdMs: number;
  readonly controlPrefix: string;
  /** The base URL that a task which runs is being sent to; null when it is not known here. */
  readonly targetOf: (taskId: string) => string | null;
  /** What keeps the next task of a lane from being sent. */
  readonly holdOf: (lane: string) => Hold | null;
}

/** What a view needs besides the task. */
export interface ViewContext {
  readonly now: number;
  readonly options: ViewOptions;
  readonly pace: TaskPace;
}

export interface TaskPace {
  etaSeconds(lane: string, position: number): number | null;
  remainingSeconds(lane: string, elapsedMs: number): number | null;
}

/** A task as clients see it, its `result` left null. Pure; `response` is what the store has for it, null in lists. */
export function viewTask(
  { task, position }: Found,
  response: StoredResponse | null,
  context: ViewContext,
): TaskView {
  const { options, now } = context;
  const firstStart = task.attempts[0]?.startedAt ?? task.startedAt;
  const durationMs = durationOf(task, now);
  const hold = waitingFor(task, options.holdOf, now);
  return {
    success: task.state !== State.failed && task.state !== State.cancelled,
    task_id: task.id,
    status: task.state,
    reason: task.reason,
    route: task.lane,
    method: task.method,
    path: task.path,
    created_at: toIsoTime(task.createdAt),
    started_at: toIsoTimeOrNull(task.startedAt),
    completed_at: toIsoTimeOrNull(task.completedAt),
    queue_seconds: toSeconds((firstStart ?? task.completedAt ?? now) - task.createdAt),
    duration_seconds: durationMs === null ? null : toSeconds(durationMs),
    is_long_task: isLong(task, now, options.longTaskThresholdMs),
    priority: task.priority,
    position,
    eta_seconds: etaOf(task, position, hold, context),
    waiting_for: viewHold(hold),
    progress: viewProgress(task.progress),
    attempts: task.attempts.map((attempt) => viewAttempt(attempt, task.id, options)),
    error: task.error,
    result_url: `${options.controlPrefix}/task/${task.id}/result`,
    client: task.client,
    labels: task.labels,
    retry_of: task.retryOf,
    batch_id: task.batch,
    response: viewResponse(task, response),
    // Last, so that `writeTask` can put it in without a copy of the rest.
    result: null,
  };
}

/** Whether an attempt of the task, running or over, took as long as the threshold. */
export function isLong(task: Task, now: number, thresholdMs: number): boolean {
  if ((durationOf(task, now) ?? 0) >= thresholdMs) return true;
  return task.attempts.some(
    ({ startedAt, endedAt }) => endedAt !== null && endedAt - startedAt >= thresholdMs,
  );
}

/** How long the latest attempt took or has taken so far; null when there was none. */
function durationOf({ state, startedAt, completedAt, attempts }: Task, now: number): number | null {
  if (startedAt === null) return null;
  if (state === State.processing) return now - startedAt;
  const latest = attempts.at(-1);
  // An attempt that a cancellation broke off is not written down before its socket is closed; one that is given back never is.
  const endedAt = latest?.startedAt === startedAt ? latest.endedAt : completedAt;
  return endedAt === null ? null : endedAt - startedAt;
}

/** The measured pace says nothing about when these end. */
const WITHOUT_ESTIMATE: ReadonlySet<HoldKind> = new Set<HoldKind>([
  "paused",
  "retry_after",
  "circuit_open",
  "no_healthy_target",
  "no_route",
]);

function etaOf(
  task: Task,
  position: number | null,
  hold: Hold | null,
  { now, pace }: ViewContext,
): number | null {
  if (task.state === State.processing && task.startedAt !== null) {
    return (
      bySaid(task.progress, task.startedAt, now) ?? pace.remainingSeconds(task.lane, now - task.startedAt)
    );
  }
  if (position === null || (hold !== null && WITHOUT_ESTIMATE.has(hold.kind))) return null;
  return pace.etaSeconds(task.lane, position);
}

/** By what the target says of its own work, as if the rest went on as what is done; null when it said nothing. */
function bySaid(progress: Progress | null, startedAt: number, now: number): number | null {
  if (progress === null || progress.percent === null || progress.percent === 0) return null;
  const { percent, at } = progress;
  const leftMs = ((at - startedAt) * (100 - percent)) / percent;
  return Math.max(0, Math.round(leftMs - (now - at))) / 1_000;
}

function viewProgress(progress: Progress | null): ProgressView | null {
  return progress && { percent: progress.percent, message: progress.message, at: toIsoTime(progress.at) };
}

function viewAttempt(attempt: Attempt, taskId: string, { targetOf }: ViewOptions): AttemptView {
  return {
    number: attempt.number,
    target: attempt.outcome === null ? targetOf(taskId) : attempt.target,
    started_at: toIsoTime(attempt.startedAt),
    ended_at: toIsoTimeOrNull(attempt.endedAt),
    outcome: attempt.outcome,
    status: attempt.status,
    error: attempt.error,
  };
}

function viewResponse(task: Task, response: StoredResponse | null): ResponseView | null {
  if (task.responseStatus === null) return null;
  return {
    status: task.responseStatus,
    ...(response === null ? {} : { headers: byName(response.headers) }),
    size_bytes: task.responseSizeBytes ?? 0,
  };
}

function byName(headers: RawHeaders): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    const stored = headers[i + 1] as string;
    const value = isSealed(stored) ? REDACTED : stored;
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [before, value].flat());
  }
  // Unlike an assignment this makes an own member even of `__proto__`.
  return Object.fromEntries(fields);
}

/** Clocks of two nodes may differ a little; a time is never negative. */
function toSeconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
