import { z } from "zod";
import { toIsoTimeOrNull } from "../lib/clock.ts";
import type { Hold, HoldKind } from "../task/hold.ts";

/** What keeps a task, or the next one of a lane, from being sent. */
export interface HoldView {
  readonly reason: HoldKind;
  readonly until: string | null;
}

/** Every kind once: the compiler refuses a list that misses one. */
const KINDS = Object.keys({
  not_before: true,
  retry_backoff: true,
  paused: true,
  lane_limit: true,
  rate: true,
  target_limit: true,
  retry_after: true,
  circuit_open: true,
  no_healthy_target: true,
  no_route: true,
} satisfies Record<HoldKind, true>) as readonly HoldKind[];

export const HOLD: z.ZodType<HoldView> = z
  .object({
    reason: z
      .enum(KINDS)
      .describe(
        "not_before: asked for later. retry_backoff: waits before it is tried again. paused: somebody paused its route. " +
          "lane_limit: its route runs as many as it may. rate: its route sends no faster. target_limit: every target has " +
          "as many requests as it may. retry_after: every target asked to be left alone for a while. circuit_open: every " +
          "target failed again and again, and is given time. no_healthy_target: every target fails its health checks. " +
          "no_route: its route is configured no longer.",
      ),
    until: z.string().meta({ format: "date-time" }).nullable().describe("When it ends, where that is known."),
  })
  .meta({ id: "Hold", examples: [{ reason: "circuit_open", until: "2026-02-04T03:04:35.678Z" }] });

export function viewHold(hold: Hold | null): HoldView | null {
  return hold && { reason: hold.kind, until: toIsoTimeOrNull(hold.until) };
}
