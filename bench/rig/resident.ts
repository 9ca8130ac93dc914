import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "./process.ts";

const sampleMs = 20;

/** The highest resident memory of a process while something happens. */
export async function peakDuring(pid: number, happens: () => Promise<void>): Promise<number> {
  let peak = residentBytes(pid);
  let isOver = false;
  const sample = async (): Promise<void> => {
    while (!isOver) {
      peak = Math.max(peak, residentBytes(pid));
      await sleep(sampleMs);
    }
  };
  await Promise.all([happens().finally(() => (isOver = true)), sample()]);
  return peak;
}
