import { isFinal } from "../../../client/views.ts";
import { type AnswerFlags, giveAnswer } from "../answer.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { standing } from "../outcome.ts";
import { notify } from "../terminal.ts";

/** `headgate result`: what the service answered to a task. */
export function result(id: string, flags: ConnectionFlags & AnswerFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const task = await headgate.task(id).status();
    if (isFinal(task.status)) return giveAnswer(headgate, task, flags);
    notify(`headgate: task ${id} has not ended: ${standing(task)}`);
    return ExitCode.unfinished;
  });
}
