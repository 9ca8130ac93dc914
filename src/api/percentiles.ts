import { z } from "zod";
import type { Percentiles } from "../task/statistics.ts";

/** Times in seconds, as they stand in an answer. */
export interface PercentilesView {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

const SECONDS = z.number().nonnegative();
const PERCENTILES = z.object({ p50: SECONDS, p95: SECONDS, p99: SECONDS });

export const QUEUE_WAIT: z.ZodType<PercentilesView | null> = PERCENTILES.nullable().describe(
  "From acceptance to the first attempt, on this node, lately.",
);
export const TARGET_TIME: z.ZodType<PercentilesView | null> = PERCENTILES.nullable().describe(
  "How long attempts took, on this node, lately.",
);

export function viewPercentiles(ms: Percentiles | null): PercentilesView | null {
  return ms && { p50: ms.p50 / 1_000, p95: ms.p95 / 1_000, p99: ms.p99 / 1_000 };
}
