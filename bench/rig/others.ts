import { readFileSync } from "node:fs";
import { livePids } from "./process.ts";

interface Ticks {
  readonly all: number;
  readonly busy: number;
  readonly ours: number;
}

/**
 * Watches what share of the machine's processor time goes to processes that are not ours: such a round says little.
 * The returned function gives that share, in percent, since the call.
 */
export function watchOthers(): () => number {
  const before = readTicks();
  return () => {
    const after = readTicks();
    const foreign = after.busy - before.busy - (after.ours - before.ours);
    return Math.max(0, (100 * foreign) / (after.all - before.all));
  };
}

function readTicks(): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0] =
    readFileSync("/proc/stat", "utf8").slice("cpu ".length, 200).trim().split(/\s+/, 8).map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  const ours = [process.pid, ...livePids()].reduce((sum, pid) => sum + processTicks(pid), 0);
  return { all: busy + idle + waiting, busy, ours };
}

/** A tick of proc(5): the kernel tells them in hundredths of a second, whatever its own clock. */
const MICROSECONDS_A_TICK = 10_000;

/** Processor time that a process takes from the call on, in microseconds: it moves less with the load than rates do. */
export function watchComputing(pid: number): () => number {
  const before = processTicks(pid);
  return () => (processTicks(pid) - before) * MICROSECONDS_A_TICK;
}

/** With the time of its children that have ended, so that nothing is lost when one of ours ends. */
function processTicks(pid: number): number {
  try {
    // The fields follow the name, which may hold anything but ends with the last parenthesis: proc(5), fields 14 to 17.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    return 0;
  }
}
