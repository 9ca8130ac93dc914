import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { onInterrupt } from "../interrupt.ts";
import { exitCodeOf, inColourOf, standing } from "../outcome.ts";
import { notify, print } from "../terminal.ts";
import { waitFor, type WaitFlags } from "../waiting.ts";

/** `headgate wait`: until the task has ended; how it did is the exit code. Ctrl-C leaves it as it is. */
export function wait(id: string, flags: ConnectionFlags & WaitFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    using interrupt = onInterrupt();
    try {
      const task = await waitFor(headgate.task(id), flags, interrupt.signal);
      if (flags.json) print(JSON.stringify(task, null, 2));
      else print(inColourOf(task.status, standing(task)));
      return exitCodeOf(task);
    } catch (thrown) {
      if (!interrupt.signal.aborted) throw thrown;
      notify(`headgate: given up waiting; task ${id} goes on`);
      return ExitCode.interrupted;
    }
  });
}
