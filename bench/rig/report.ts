import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { fixed } from "./table.ts";
import type { Table } from "./table.ts";

export interface Goal {
  readonly measure: string;
  readonly bound: "at least" | "at most";
  readonly goal: number;
  readonly measured: number;
  readonly unit: string;
}

export interface PartReport {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** Every single figure, for the JSON file. */
  readonly figures: unknown;
}

export function isMet({ bound, goal, measured }: Goal): boolean {
  return bound === "at least" ? measured >= goal : measured <= goal;
}

export function goalTable(goals: readonly Goal[]): Table {
  return {
    title: "Goals",
    headings: ["measure", "goal", "measured", ""],
    rows: goals.map((goal) => [
      goal.measure,
      `${goal.bound} ${goal.goal} ${goal.unit}`,
      `${fixed(goal.measured)} ${goal.unit}`,
      isMet(goal) ? "met" : "SHORT",
    ]),
  };
}

/** `headgate` is the entry that was measured, if one was. Returns the path of the file. */
export function writeReports(
  folder: string,
  headgate: string | null,
  reports: ReadonlyMap<string, PartReport>,
): string {
  const date = new Date().toISOString();
  const machine = {
    cpu: cpus()[0]?.model,
    cpus: cpus().length,
    memoryBytes: totalmem(),
    arch: arch(),
    kernel: release(),
    node: process.version,
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${date.replaceAll(":", "-")}.json`);
  const parts = Object.fromEntries(
    [...reports].map(([part, { goals, figures }]) => [part, { goals, figures }]),
  );
  writeFileSync(path, `${JSON.stringify({ date, machine, headgate, parts }, null, 2)}\n`);
  return path;
}
