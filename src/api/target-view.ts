import { z } from "zod";
import { toIsoTimeOrNull } from "../lib/clock.ts";
import type { NodeStatistics } from "../task/statistics.ts";
import type { CircuitState, TargetState } from "../task/target-state.ts";
import { type PercentilesView, TARGET_TIME, viewPercentiles } from "./percentiles.ts";

/** A target as this node sees it; `TARGET` says what each member means. */
export interface TargetView {
  readonly url: string;
  readonly pool: string;
  readonly weight: number;
  readonly in_flight: number;
  readonly limit: number | null;
  readonly healthy: boolean | null;
  readonly circuit: {
    readonly state: CircuitState;
    readonly failures: number;
    readonly until: string | null;
    readonly last_failure: string | null;
  };
  readonly target_seconds: PercentilesView | null;
}

const COUNT = z.int().nonnegative();

/** Every state once: the compiler refuses a list that misses one. */
const CIRCUIT_STATES = Object.keys({ closed: true, open: true, half_open: true } satisfies Record<
  CircuitState,
  true
>) as readonly CircuitState[];

export const TARGET: z.ZodType<TargetView> = z
  .object({
    url: z.string(),
    pool: z.string().describe("The targets it shares its routes with, by their name in the configuration."),
    weight: z.number().positive(),
    in_flight: COUNT.describe("Requests it has now, from this node."),
    limit: COUNT.nullable().describe(
      "Requests it may have at once; null for no limit but those of the routes.",
    ),
    healthy: z.boolean().nullable().describe("By its health checks; null when there are none."),
    circuit: z.object({
      state: z
        .enum(CIRCUIT_STATES)
        .describe("closed lets requests through, open none, half_open one at a time until it succeeds."),
      failures: COUNT.describe("In a row."),
      until: z
        .string()
        .meta({ format: "date-time" })
        .nullable()
        .describe("When an open circuit lets a request through to try."),
      last_failure: z.string().nullable().describe("What it failed with last."),
    }),
    target_seconds: TARGET_TIME,
  })
  .meta({ id: "Target" });

export const TARGETS: z.ZodType<{ readonly success: true; readonly targets: readonly TargetView[] }> = z
  .object({ success: z.literal(true), targets: z.array(TARGET) })
  .meta({ id: "Targets" });

export function viewTarget(state: TargetState, { targets }: NodeStatistics): TargetView {
  const { url, pool, weight, inFlight, limit, healthy, circuit, failures, openUntil, lastFailure } = state;
  return {
    url,
    pool,
    weight,
    in_flight: inFlight,
    limit,
    healthy,
    circuit: {
      state: circuit,
      failures,
      until: toIsoTimeOrNull(openUntil),
      last_failure: lastFailure,
    },
    target_seconds: viewPercentiles(targets[url] ?? null),
  };
}
