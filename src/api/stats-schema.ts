import { z } from "zod";
import type { State } from "../task/task.ts";
import { LANE, type LaneView, STORED, TOTALS, type TotalsView } from "./lane-schema.ts";
import { type PercentilesView, QUEUE_WAIT, TARGET_TIME } from "./percentiles.ts";
import { TARGET, type TargetView } from "./target-view.ts";

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

const COUNT = z.int().nonnegative();
const QUANTITY = z.number().nonnegative();

export const STATS: z.ZodType<StatsView> = z
  .object({
    success: z.literal(true),
    tasks: STORED,
    totals: TOTALS,
    queue: z.object({ size: COUNT, capacity: COUNT }),
    in_flight: COUNT.describe("Slots taken at the targets, from all nodes."),
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
