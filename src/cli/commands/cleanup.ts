import { tasks } from "../amounts.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { print } from "../terminal.ts";

export interface CleanupFlags extends ConnectionFlags {
  readonly maxAgeHours: number;
}

/** `headgate cleanup`: deletes tasks that ended longer ago. */
export function cleanup({ maxAgeHours, ...flags }: CleanupFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const deleted = await headgate.cleanup(maxAgeHours);
    print(flags.json ? JSON.stringify({ deleted }) : `deleted ${tasks(deleted)}`);
    return ExitCode.ok;
  });
}
