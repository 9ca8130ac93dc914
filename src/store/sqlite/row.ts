import type {
  Attempt,
  Callback,
  ClaimedTask,
  Labels,
  NewTask,
  Progress,
  Reason,
  State,
  StoredRequest,
  StoredResponse,
  Task,
  TaskError,
} from "../../task/task.ts";
import { bodySize } from "../../task/task.ts";
import { bodyToText, fromContent } from "./content-row.ts";
import type { Row, RowWithBytes, Value } from "./value.ts";

/** The columns of `task` that an insert sets, in the order of `toTaskRow`, after seq, rank, state and reason. */
export const INSERTED_COLUMNS =
  "id, lane, priority, client, method, path, labels, request_bytes, timeout_ms, max_attempts, idempotent, retry_of, created_at, not_before, start_before, weight, batch, callbacks";

export function toTaskRow(task: NewTask): Row {
  return [
    task.id,
    task.lane,
    task.priority,
    task.client,
    task.request.method,
    task.request.path,
    isEmpty(task.labels) ? null : JSON.stringify(task.labels),
    bodySize(task.request.body),
    task.timeoutMs,
    task.maxAttempts,
    task.idempotent ? 1 : 0,
    task.retryOf,
    task.createdAt,
    task.notBefore,
    task.startBefore,
    task.weight,
    task.batch,
    task.callbacks.length === 0 ? null : JSON.stringify(task.callbacks),
  ];
}

/**
 * A task with its request as it stands under the lease that is about to be given, for a read of `task` and `request`:
 * the new holder is the first parameter. Reading first and then updating costs half of an update that returns columns.
 */
export function leasedColumns(attempt: string, startedAt: string): string {
  return (
    `id, ? AS node, epoch + 1, lane, method, path, ${attempt}, max_attempts, timeout_ms, idempotent, created_at, ${startedAt}, ` +
    "headers, body, file, task.seq, state, priority, rank, client"
  );
}

/** What `leasedColumns` read that the database needs again. */
export interface Leased {
  readonly lane: string;
  readonly seq: number;
  readonly state: State;
  readonly priority: number;
  readonly rank: number;
  readonly client: string;
}

export function toLeased(row: RowWithBytes): Leased {
  const [seq, state, priority, rank, client] = row.slice(15);
  return {
    lane: String(row[3]),
    seq: Number(seq),
    state: state as State,
    priority: Number(priority),
    rank: Number(rank),
    client: String(client),
  };
}

export function toClaimedRow(row: RowWithBytes): Row {
  return bodyToText(row, 13);
}

/** `row` is `leasedColumns`, made by `toClaimedRow`. */
export function fromClaimedRow(row: Row): ClaimedTask {
  const [
    id,
    node,
    epoch,
    lane,
    method,
    path,
    attempt,
    maxAttempts,
    timeoutMs,
    idempotent,
    createdAt,
    startedAt,
  ] = row;
  return {
    lease: { taskId: String(id), node: String(node), epoch: Number(epoch) },
    lane: String(lane),
    client: String(row[19]),
    request: {
      method: String(method),
      path: String(path),
      ...fromContent(row[12] ?? null, row[13] ?? null, row[14] ?? null),
    },
    attempt: Number(attempt),
    maxAttempts: Number(maxAttempts),
    timeoutMs: Number(timeoutMs),
    idempotent: idempotent === 1,
    createdAt: Number(createdAt),
    startedAt: Number(startedAt),
  };
}

/** `row` is method, path, headers, body, file. */
export function fromRequestRow(row: Row): StoredRequest {
  const [method, path, headers = null, bytes = null, file = null] = row;
  return { method: String(method), path: String(path), ...fromContent(headers, bytes, file) };
}

/** `row` is status, headers, body, file. */
export function fromResponseRow(row: Row): StoredResponse {
  const [status, headers = null, bytes = null, file = null] = row;
  return { status: Number(status), ...fromContent(headers, bytes, file) };
}

export const TASK_COLUMNS: string =
  "id, lane, state, reason, method, path, priority, client, labels, created_at, not_before, start_before, started_at, " +
  "completed_at, timeout_ms, max_attempts, idempotent, attempt, attempts, error, request_bytes, response_status, " +
  "response_bytes, retry_of, batch, callbacks, progress";

export function fromTaskRow(row: Row): Task {
  const [id, lane, state, reason, method, path, priority, client, labels, createdAt, notBefore, startBefore] =
    row;
  const [startedAt, completedAt, timeoutMs, maxAttempts, idempotent, attempt, attempts, error] =
    row.slice(12);
  const [requestBytes, responseStatus, responseBytes, retryOf, batch, callbacks, progress] = row.slice(20);
  const finished = attempts === null ? [] : (JSON.parse(`[${String(attempts)}]`) as Attempt[]);
  return {
    id: String(id),
    lane: String(lane),
    state: state as State,
    reason: reason as Reason,
    method: String(method),
    path: String(path),
    priority: Number(priority),
    client: String(client),
    labels: labels === null ? {} : (JSON.parse(String(labels)) as Labels),
    createdAt: Number(createdAt),
    notBefore: numberOrNull(notBefore),
    startBefore: numberOrNull(startBefore),
    startedAt: numberOrNull(startedAt),
    completedAt: numberOrNull(completedAt),
    timeoutMs: Number(timeoutMs),
    maxAttempts: Number(maxAttempts),
    idempotent: idempotent === 1,
    attempts: state === "processing" ? [...finished, running(Number(attempt), Number(startedAt))] : finished,
    error: error === null ? null : (JSON.parse(String(error)) as TaskError),
    requestSizeBytes: Number(requestBytes),
    responseStatus: numberOrNull(responseStatus),
    responseSizeBytes: numberOrNull(responseBytes),
    retryOf: retryOf === null ? null : String(retryOf),
    batch: batch === null ? null : String(batch),
    callbacks: callbacks === null ? [] : (JSON.parse(String(callbacks)) as Callback[]),
    progress: progress === null ? null : (JSON.parse(String(progress)) as Progress),
  };
}

function running(number: number, startedAt: number): Attempt {
  return { number, target: null, startedAt, endedAt: null, outcome: null, status: null, error: null };
}

function numberOrNull(value: Value | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function isEmpty(labels: Labels): boolean {
  for (const _ in labels) return false;
  return true;
}
