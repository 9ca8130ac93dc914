import { z } from "zod";
import type { State } from "../task/task.ts";

export interface StatsView {
  readonly success: true;
  readonly tasks: Readonly<Record<State, number>>;
  readonly totals: TotalsView;
  readonly queue: { readonly size: number; readonly capacity: number };
  readonly in_flight: number;
  readonly limit: number;
  readonly num_workers: number;
  readonly throughput: {
    readonly window_seconds: number;
    readonly accepted_per_second: number;
    readonly started_per_second: number;
    readonly ended_per_second: number;
  };
  readonly success_rate: number | null;
  readonly queue_wait_seconds: PercentilesView | null;
  readonly target_seconds: PercentilesView | null;
  readonly refused: Readonly<Record<string, number>>;
  readonly long_tasks: { readonly running: number; readonly threshold_seconds: number };
  readonly started_at: string;
  readonly uptime_seconds: number;
  readonly lanes: readonly LaneView[];
  readonly targets: readonly TargetView[];
}

export interface LaneView {
  readonly name: string;
  readonly tasks: Readonly<Record<State, number>>;
  readonly totals: TotalsView;
  readonly queue: { readonly size: number; readonly capacity: number | null };
  readonly in_flight: number;
  readonly limit: number | null;
  readonly timeout_seconds: number | null;
  readonly max_attempts: number | null;
  readonly queue_wait_seconds: PercentilesView | null;
  readonly target_seconds: PercentilesView | null;
  readonly long_tasks: number;
}

export interface TargetView {
  readonly url: string;
  readonly in_flight: number;
  readonly limit: number;
  readonly target_seconds: PercentilesView | null;
}

export type TotalsView = Readonly<Record<"accepted" | "completed" | "failed" | "cancelled", number>>;

export interface PercentilesView {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

const COUNT = z.int().nonnegative();
const QUANTITY = z.number().nonnegative();

const STORED = z
  .object({ pending: COUNT, processing: COUNT, completed: COUNT, failed: COUNT, cancelled: COUNT })
  .describe("Tasks stored now, by state.");

const TOTALS = z
  .object({ accepted: COUNT, completed: COUNT, failed: COUNT, cancelled: COUNT })
  .describe("Since the store began.");

const PERCENTILES = z.object({ p50: QUANTITY, p95: QUANTITY, p99: QUANTITY });
const QUEUE_WAIT = PERCENTILES.nullable().describe(
  "From acceptance to the first attempt, on this node, lately.",
);
const TARGET_TIME = PERCENTILES.nullable().describe("How long attempts took, on this node, lately.");

const LANE: z.ZodType<LaneView> = z
  .object({
    name: z.string(),
    tasks: STORED,
    totals: TOTALS,
    queue: z.object({ size: COUNT, capacity: COUNT.nullable() }),
    in_flight: COUNT.describe("Slots taken at the target, from all nodes."),
    limit: COUNT.nullable().describe("Null when the lane is not configured any more."),
    timeout_seconds: QUANTITY.nullable(),
    max_attempts: COUNT.nullable(),
    queue_wait_seconds: QUEUE_WAIT,
    target_seconds: TARGET_TIME,
    long_tasks: COUNT.describe("Attempts on this node that run for longer than the threshold."),
  })
  .meta({ id: "Lane" });

const TARGET: z.ZodType<TargetView> = z
  .object({ url: z.string(), in_flight: COUNT, limit: COUNT, target_seconds: TARGET_TIME })
  .meta({ id: "Target" });

export const STATS: z.ZodType<StatsView> = z
  .object({
    success: z.literal(true),
    tasks: STORED,
    totals: TOTALS,
    queue: z.object({ size: COUNT, capacity: COUNT }),
    in_flight: COUNT.describe("Slots taken at the target, from all nodes."),
    limit: COUNT,
    num_workers: COUNT.describe("Attempts this node runs at once."),
    throughput: z
      .object({
        window_seconds: QUANTITY,
        accepted_per_second: QUANTITY,
        started_per_second: QUANTITY,
        ended_per_second: QUANTITY,
      })
      .describe("Of this node."),
    success_rate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe("Completed among completed and failed, lately."),
    queue_wait_seconds: QUEUE_WAIT,
    target_seconds: TARGET_TIME,
    refused: z
      .record(z.string(), COUNT)
      .describe("Requests turned away since this node started, by error code."),
    long_tasks: z.object({ running: COUNT, threshold_seconds: QUANTITY }),
    started_at: z.string().meta({ format: "date-time" }),
    uptime_seconds: QUANTITY,
    lanes: z.array(LANE),
    targets: z.array(TARGET),
  })
  .meta({ id: "Stats" });

export const LANES: z.ZodType<{ readonly success: true; readonly lanes: readonly LaneView[] }> = z
  .object({ success: z.literal(true), lanes: z.array(LANE) })
  .meta({ id: "Lanes" });

export const TARGETS: z.ZodType<{ readonly success: true; readonly targets: readonly TargetView[] }> = z
  .object({ success: z.literal(true), targets: z.array(TARGET) })
  .meta({ id: "Targets" });
