import { type ConnectionFlags, UsageError, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { AS_CONFIGURED } from "../flag.ts";
import { print, terminalColumns } from "../terminal.ts";
import { laneTable } from "./stats.ts";

export interface LaneChangeFlags extends ConnectionFlags {
  readonly maxConcurrent?: number | "auto" | typeof AS_CONFIGURED;
  readonly queue?: number | typeof AS_CONFIGURED;
  readonly rate?: string;
}

/** `headgate lane list` */
export function listLanes(flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const lanes = await headgate.lanes();
    print(flags.json ? JSON.stringify(lanes, null, 2) : laneTable(lanes, terminalColumns()));
    return ExitCode.ok;
  });
}

/** `headgate lane pause` and `headgate lane resume` */
export function switchLane(to: "pause" | "resume", name: string, flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const answer = await headgate[to](name);
    const words = to === "pause" ? `${name} is paused: what waits stays` : `${name} runs again`;
    print(flags.json ? JSON.stringify(answer, null, 2) : words);
    return ExitCode.ok;
  });
}

/** `headgate lane set` */
export function changeLane(name: string, flags: LaneChangeFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const { maxConcurrent, queue, rate } = flags;
    if (maxConcurrent === undefined && queue === undefined && rate === undefined) {
      throw new UsageError("lane set: give --max-concurrent, --queue or --rate");
    }
    const answer = await headgate.changeLane(name, {
      ...(maxConcurrent === undefined ? {} : { max_concurrent: orNull(maxConcurrent) }),
      ...(queue === undefined ? {} : { queue: orNull(queue) }),
      ...(rate === undefined ? {} : { rate: orNull(rate) }),
    });
    print(flags.json ? JSON.stringify(answer, null, 2) : `${name} is changed, also after a restart`);
    return ExitCode.ok;
  });
}

function orNull<Value>(value: Value | typeof AS_CONFIGURED): Value | null {
  return value === AS_CONFIGURED ? null : value;
}
