import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isHeadgateHere } from "./rig/headgate.ts";
import type { Subject } from "./rig/subject.ts";

export interface BenchOptions {
  /** Each measure is repeated this often, the subjects taking turns. */
  readonly rounds: number;
  /** Length of one measured load. */
  readonly seconds: number;
  /** Sizes of the backlog part. */
  readonly backlogs: readonly number[];
  /** Keys of the subjects to measure; all when empty. */
  readonly only: readonly string[];
}

/** What a part is given. */
export interface Bench extends BenchOptions {
  readonly hasHeadgate: boolean;
  /** A path for one start of one subject. */
  folder(name: string): string;
  /** Leaves out Headgate while there is none, and what was not asked for. */
  present(subjects: readonly Subject[]): readonly Subject[];
  tell(progress: string): void;
}

// On the project's own disk: /tmp may be memory, where an fsync costs nothing.
const scratch = fileURLToPath(new URL(".data", import.meta.url));

export function openBench(options: BenchOptions): Bench {
  clearScratch();
  mkdirSync(scratch, { recursive: true });
  const wanted = (key: string): boolean => options.only.length === 0 || options.only.includes(key);
  const hasHeadgate = isHeadgateHere() && wanted("headgate");
  return {
    ...options,
    hasHeadgate,
    folder: (name) => join(scratch, name),
    present: (subjects) => subjects.filter(({ key }) => (key === "headgate" ? hasHeadgate : wanted(key))),
    tell: (progress) => void process.stderr.write(`${progress}\n`),
  };
}

export function clearScratch(): void {
  rmSync(scratch, { recursive: true, force: true });
}
