import { Badge, Box } from "@mantine/core";
import type { ReactNode } from "react";
import type { Lane } from "../../../client/views.ts";
import { useTexts } from "../i18n/language.tsx";
import { TRAFFIC } from "../i18n/traffic.ts";
import { useFormat } from "../i18n/use-format.ts";

type Reason = NonNullable<Lane["waiting_for"]>["reason"];

/** A limit that is reached is what limits are for; the rest wants somebody's attention. */
const COLORS: Readonly<Record<Reason, string>> = {
  not_before: "gray",
  retry_backoff: "yellow",
  paused: "yellow",
  lane_limit: "blue",
  rate: "blue",
  target_limit: "blue",
  retry_after: "yellow",
  circuit_open: "red",
  no_healthy_target: "red",
  no_route: "gray",
};

/** Whether a lane flows, or what holds it. */
export function LaneBadge({
  lane,
}: {
  readonly lane: Pick<Lane, "paused" | "waiting_for" | "in_flight" | "target">;
}): ReactNode {
  const words = useTexts(TRAFFIC);
  const format = useFormat();
  const reason: Reason | undefined = lane.paused ? "paused" : lane.waiting_for?.reason;
  if (reason === undefined) {
    const isFlowing = lane.in_flight > 0;
    return (
      <Badge variant="dot" color={isFlowing ? "teal" : "gray"}>
        {isFlowing ? words.flowing : words.idle}
      </Badge>
    );
  }
  const until = lane.paused ? null : (lane.waiting_for?.until ?? null);
  return (
    <Badge variant="dot" color={COLORS[reason]}>
      {words.holds[reason]}
      {until !== null && (
        <Box component="span" visibleFrom="sm">
          {" "}
          {words.until(format.time(until))}
        </Box>
      )}
    </Badge>
  );
}
