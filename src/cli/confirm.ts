import { createInterface } from "node:readline/promises";
import { UsageError } from "./connect.ts";
import { canAsk, notify } from "./terminal.ts";

/** Whether whoever sits there says yes. Throws a `UsageError` where nobody does: a script is to say `--yes`. */
export async function confirm(question: string): Promise<boolean> {
  if (!canAsk()) throw new UsageError("this is for many tasks: say --yes");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } catch {
    // Ctrl-C or the end of the input, which leaves the question's line unended.
    notify("");
    return false;
  } finally {
    lines.close();
  }
}
