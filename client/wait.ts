import { type Connection, discard } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { follow } from "./follow.ts";
import { sleep } from "./sleep.ts";
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

/** One question is held by the server for this long; shorter when somebody wants to see each change. */
const LONG_POLL_SECONDS = 30;
const WATCHED_POLL_SECONDS = 1;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The task once it has ended, however it did. A server that is away meanwhile is asked again until the time is over: its
 * tasks are on its disk.
 */
export async function waitForTask(
  connection: Connection,
  id: string,
  options: WaitOptions = {},
): Promise<TaskView> {
  const { onProgress, signal } = options;
  if (onProgress === undefined) return lookUntilFinal(connection, id, options);
  const done = new AbortController();
  const until = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
  const looking = lookUntilFinal(connection, id, options);
  const telling = tellProgress(connection, id, onProgress, until);
  try {
    // What the callback throws ends the wait; that nothing is told any more does not.
    return await Promise.race([looking, telling.then(() => looking)]);
  } finally {
    done.abort();
  }
}

async function tellProgress(
  connection: Connection,
  id: string,
  onProgress: (progress: ProgressView) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const { type, data } of follow(connection, `/task/${id}/events`, { signal })) {
      if (type === "progress") onProgress(JSON.parse(data) as ProgressView);
      if (type === "final") return;
    }
  } catch (error) {
    // Whoever looks for the task's end is told why it is refused.
    if (!(error instanceof HeadgateError)) throw error;
  }
}

async function lookUntilFinal(connection: Connection, id: string, options: WaitOptions): Promise<TaskView> {
  const { timeoutMs, signal, onAbort = "cancel", onChange } = options;
  const deadline = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
  let task: TaskView | null = null;
  let seen = "";
  let failures = 0;
  for (;;) {
    if (signal?.aborted === true) {
      if (onAbort === "cancel") await cancelQuietly(connection, id);
      throw signal.reason;
    }
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw new WaitTimeoutError(id, task);
    const pollSeconds = onChange === undefined ? LONG_POLL_SECONDS : WATCHED_POLL_SECONDS;
    const wait = Math.min(pollSeconds, leftMs / 1_000);
    const next = await look(connection, id, wait, signal);
    if (next !== null) {
      failures = 0;
      task = next;
      const standing = JSON.stringify([task.status, task.reason, task.position, task.progress]);
      if (standing !== seen) onChange?.(task);
      seen = standing;
      if (isFinal(task.status)) return task;
    } else {
      const pause = (options.pollIntervalMs ?? 500) * 2 ** Math.min(failures, 6) * (0.5 + Math.random() / 2);
      failures += 1;
      await sleep(Math.min(LONGEST_PAUSE_MS, pause, Math.max(0, deadline - performance.now())), signal);
    }
  }
}

/** Null when the server cannot say now. */
async function look(
  connection: Connection,
  id: string,
  waitSeconds: number,
  signal: AbortSignal | undefined,
): Promise<TaskView | null> {
  try {
    return await connection.json<TaskView>(`/task/${id}`, {
      query: { wait: waitSeconds.toFixed(3) },
      signal,
    });
  } catch (error) {
    if (error instanceof HeadgateError && error.status < 500) throw error;
    return null;
  }
}

async function cancelQuietly(connection: Connection, id: string): Promise<void> {
  // It may have ended meanwhile, or the server may be away: whoever aborts cannot wait for more.
  await connection.control(`/task/${id}/cancel`, { method: "POST" }).then(discard, () => {});
}
