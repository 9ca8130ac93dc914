import type { Headgate } from "../../../client/client.ts";
import type { Task } from "../../../client/task.ts";
import { toError } from "../../lib/error.ts";
import { type AnswerFlags, checkOutput, giveAnswer } from "../answer.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { onInterrupt } from "../interrupt.ts";
import { type RequestFlags, toSubmission } from "../request.ts";
import { notify } from "../terminal.ts";
import { waitFor, type WaitFlags } from "../waiting.ts";

export type RunFlags = ConnectionFlags & RequestFlags & AnswerFlags & WaitFlags;

/** `headgate run`: hands a request over, waits for it, and gives out the answer. Ctrl-C cancels the task. */
export function run(path: string, flags: RunFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    await checkOutput(flags);
    const submission = await toSubmission(flags);
    using interrupt = onInterrupt();
    const { signal } = interrupt;
    let task: Task | null = null;
    try {
      task = await headgate.submit(path, { ...submission, signal });
      return await finish(headgate, task, flags, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      await giveUp(task);
      return ExitCode.interrupted;
    }
  });
}

async function finish(
  headgate: Headgate,
  task: Task,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  const ended = await waitFor(task, flags, signal);
  return giveAnswer(headgate, ended, flags, signal);
}

async function giveUp(task: Task | null): Promise<void> {
  if (task === null) {
    notify("headgate: given up; it is not known whether the request was accepted");
    return;
  }
  try {
    await task.cancel();
    notify(`headgate: task ${task.id} is cancelled`);
  } catch (thrown) {
    notify(`headgate: task ${task.id} is not cancelled: ${toError(thrown).message}`);
  }
}
