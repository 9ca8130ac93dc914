import type { Task } from "../../client/task.ts";
import type { TaskView } from "../../client/views.ts";
import { progressLine, SILENT } from "./progress-line.ts";

export interface WaitFlags {
  /** Milliseconds; the task goes on. */
  readonly waitFor?: number;
  readonly quiet?: true;
}

/** The task once it has ended, with its progress on standard error meanwhile; throws the signal's reason when aborted. */
export async function waitFor(
  task: Task,
  { waitFor: timeoutMs, quiet }: WaitFlags,
  signal: AbortSignal,
): Promise<TaskView> {
  using line = quiet === true ? SILENT : progressLine();
  return await task.wait({
    signal,
    // Whoever waits decides what a Ctrl-C does, and says so.
    onAbort: "leave",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(quiet === true ? {} : { onChange: line.show }),
  });
}
