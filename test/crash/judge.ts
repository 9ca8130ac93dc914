// Whether a run proves anything: by how much its log may be late is by how much an order that is wrong is let pass.

import { check, type Violation } from "./checker.ts";
import type { Evidence } from "./evidence.ts";

const MOST_LATE_MS = 1_000;
const MOST_RUNS = 3;

/** What is found in spite of a late log is true. That nothing is found counts only with one that is not. */
export async function judge(run: () => Promise<Evidence>): Promise<readonly Violation[]> {
  const lateMs: number[] = [];
  while (lateMs.length < MOST_RUNS) {
    const evidence = await run();
    const violations = check(evidence);
    if (violations.length > 0 || evidence.logLateMs <= MOST_LATE_MS) return violations;
    lateMs.push(evidence.logLateMs);
  }
  const late = lateMs.map((ms) => ms.toFixed()).join(", ");
  throw new Error(
    `The machine is too busy to judge by: the log was ${late} ms late, and may be ${MOST_LATE_MS}.`,
  );
}
