import { type Connection, discard } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { follow } from "./follow.ts";
import { poll } from "./poll.ts";
import { within } from "./signal.ts";
import { isFinal, type ProgressView, type TaskView } from "./views.ts";

export interface WaitOptions {
  /** Gives up waiting after this time; the task goes on. Without it, for as long as it takes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** What becomes of the task when the signal is aborted. */
  readonly onAbort?: "cancel" | "leave";
  /** Where the task stands, whenever that has changed. */
  readonly onChange?: (task: TaskView) => void;
  /** What the target says of its work, as it says it (server-sent events). */
  readonly onProgress?: (progress: ProgressView) => void;
  /** Pause between two looks while the server cannot be reached, at first. */
  readonly pollIntervalMs?: number;
}

/** The time to wait is over; the task is not. */
export class WaitTimeoutError extends Error {
  readonly taskId: string;
  /** As last seen. */
  readonly task: TaskView | null;

  constructor(taskId: string, task: TaskView | null) {
    super(`Task ${taskId} has not ended in the time that was given.`);
    this.name = "WaitTimeoutError";
    this.taskId = taskId;
    this.task = task;
  }
}

/** The task once it has ended, however it did. `path` is the task's own. */
export async function waitForTask(
  connection: Connection,
  path: string,
  id: string,
  options: WaitOptions = {},
): Promise<TaskView> {
  const { onProgress, signal, onAbort = "cancel" } = options;
  // Whatever ends the wait ends both that looks and that listens.
  const over = within(Infinity, signal);
  try {
    const looking = lookUntilFinal(connection, path, id, { ...options, signal: over.signal });
    if (onProgress === undefined) return await looking;
    const telling = tellProgress(connection, path, onProgress, over.signal);
    // What the callback throws ends the wait; that nothing is told any more does not.
    return await Promise.race([looking, telling.then(() => looking)]);
  } catch (error) {
    if (signal?.aborted === true && onAbort === "cancel") await cancelQuietly(connection, path);
    throw error;
  } finally {
    over.end();
  }
}

async function tellProgress(
  connection: Connection,
  path: string,
  onProgress: (progress: ProgressView) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const { type, data } of follow(connection, `${path}/events`, { signal })) {
      if (type === "progress") onProgress(JSON.parse(data) as ProgressView);
      if (type === "final") return;
    }
  } catch (error) {
    // Whoever looks for the task's end is told why it is refused.
    if (!(error instanceof HeadgateError)) throw error;
  }
}

function lookUntilFinal(
  connection: Connection,
  path: string,
  id: string,
  { timeoutMs, signal, onChange, pollIntervalMs }: WaitOptions,
): Promise<TaskView> {
  let seen = "";
  return poll<TaskView>(connection, {
    path,
    isWatched: onChange !== undefined,
    timeoutMs,
    pauseMs: pollIntervalMs,
    signal,
    isOver(task) {
      const standing = JSON.stringify([task.status, task.reason, task.position, task.progress]);
      if (standing !== seen) onChange?.(task);
      seen = standing;
      return isFinal(task.status);
    },
    late: (task) => new WaitTimeoutError(id, task),
  });
}

const CANCEL_WITHIN_MS = 5_000;

async function cancelQuietly(connection: Connection, path: string): Promise<void> {
  const deadline = within(CANCEL_WITHIN_MS, undefined);
  const { signal } = deadline;
  // It may have ended meanwhile, or the server may be away: whoever aborts cannot wait for more.
  await connection.control(`${path}/cancel`, { method: "POST", signal }).then(discard, () => {});
  deadline.end();
}
