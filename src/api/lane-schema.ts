import { z } from "zod";
import { PRIORITY, type State } from "../task/task.ts";
import { HOLD, type HoldView } from "./hold-view.ts";
import { type PercentilesView, QUEUE_WAIT, TARGET_TIME } from "./percentiles.ts";

/** A lane as clients see it; `LANE` says what each member means. What only a configured lane has is null without. */
export interface LaneView {
  readonly name: string;
  readonly match: readonly string[];
  readonly methods: readonly string[];
  readonly hosts: readonly string[];
  readonly target: string | null;
  readonly paused: boolean;
  readonly waiting_for: HoldView | null;
  readonly tasks: Readonly<Record<State, number>>;
  readonly totals: TotalsView;
  readonly queue: { readonly size: number; readonly capacity: number | null };
  readonly in_flight: number;
  readonly limit: number | null;
  readonly adaptive: boolean;
  readonly rate: string | null;
  readonly timeout_seconds: number | null;
  readonly start_within_seconds: number | null;
  readonly max_attempts: number | null;
  readonly priority: number | null;
  readonly overrides: OverridesView;
  readonly queue_wait_seconds: PercentilesView | null;
  readonly target_seconds: PercentilesView | null;
  readonly long_tasks: number;
}

export interface OverridesView {
  readonly max_concurrent: number | "auto" | null;
  readonly queue: number | null;
  readonly rate: string | null;
}

export type TotalsView = Readonly<Record<"accepted" | "completed" | "failed" | "cancelled", number>>;

const COUNT = z.int().nonnegative();
const QUANTITY = z.number().nonnegative();

export const STORED: z.ZodType<Readonly<Record<State, number>>> = z
  .object({ pending: COUNT, processing: COUNT, completed: COUNT, failed: COUNT, cancelled: COUNT })
  .describe("Tasks stored now, by state.");

export const TOTALS: z.ZodType<TotalsView> = z
  .object({ accepted: COUNT, completed: COUNT, failed: COUNT, cancelled: COUNT })
  .describe("Since the store began.");

const OVERRIDES: z.ZodType<OverridesView> = z
  .object({
    max_concurrent: z.union([z.int().positive(), z.literal("auto")]).nullable(),
    queue: COUNT.nullable(),
    rate: z.string().nullable().describe('"none" for no limit.'),
  })
  .describe(
    "What was changed while running, and stays so over restarts; null where the configuration stands.",
  );

export const LANE: z.ZodType<LaneView> = z
  .object({
    name: z.string(),
    match: z.array(z.string()).describe("Patterns of paths; empty for all."),
    methods: z.array(z.string()).describe("Empty for all."),
    hosts: z.array(z.string()).describe("Empty for all."),
    target: z
      .string()
      .nullable()
      .describe("Where its tasks go: the `pool` of targets. Null when the lane is not configured any more."),
    paused: z.boolean(),
    waiting_for: HOLD.nullable().describe(
      "What keeps its next task from being sent; null when nothing does.",
    ),
    tasks: STORED,
    totals: TOTALS,
    queue: z.object({ size: COUNT, capacity: COUNT.nullable() }),
    in_flight: COUNT.describe("Slots taken at the targets, from all nodes."),
    limit: COUNT.nullable().describe(
      "Slots there are now: the smaller of `max_concurrent` and `num_workers`, or what `auto` has found. Null when the lane is not configured any more.",
    ),
    adaptive: z.boolean().describe("Whether the limit follows what the targets can bear."),
    rate: z
      .string()
      .nullable()
      .describe("Attempts in a time, on this node, such as `50/s`; null for no limit."),
    timeout_seconds: QUANTITY.nullable(),
    start_within_seconds: QUANTITY.nullable().describe("Null for as long as it takes."),
    max_attempts: COUNT.nullable(),
    priority: z
      .int()
      .min(PRIORITY.lowest)
      .max(PRIORITY.highest)
      .nullable()
      .describe("Of requests that name none."),
    overrides: OVERRIDES,
    queue_wait_seconds: QUEUE_WAIT,
    target_seconds: TARGET_TIME,
    long_tasks: COUNT.describe("Attempts on this node that run for longer than the threshold."),
  })
  .meta({ id: "Lane" });

export const LANES: z.ZodType<{ readonly success: true; readonly lanes: readonly LaneView[] }> = z
  .object({ success: z.literal(true), lanes: z.array(LANE) })
  .meta({ id: "Lanes" });

export const ONE_LANE: z.ZodType<{ readonly success: true; readonly lane: LaneView }> = z
  .object({ success: z.literal(true), lane: LANE })
  .meta({ id: "OneLane" });
