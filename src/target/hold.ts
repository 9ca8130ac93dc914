import type { Hold } from "../task/hold.ts";
import type { Target } from "./target.ts";

/** Requests that these targets may get now, as `Target.room` counts them. */
export function roomAt(targets: readonly Target[], lane: string | null): number {
  let room = 0;
  for (const target of targets) {
    room += target.room(lane);
    if (room === Infinity) break;
  }
  return room;
}

/** Why there is no place at these targets for a lane: what would have to end first. */
export function holdAt(targets: readonly Target[], lane: string): Hold {
  const healthy = targets.filter((target) => target.healthy !== false);
  if (healthy.length === 0) return { kind: "no_healthy_target", until: null };
  const closed = healthy.filter(({ circuit }) => circuit.state === "closed");
  if (closed.length === 0) {
    return { kind: "circuit_open", until: earliest(healthy.map(({ circuit }) => circuit.openUntil)) };
  }
  const leftAlone = closed.map((target) => target.leftAloneUntil(lane));
  if (leftAlone.every((until) => until !== null)) return { kind: "retry_after", until: earliest(leftAlone) };
  return { kind: "target_limit", until: null };
}

/** Null when none is known. */
function earliest(instants: readonly (number | null)[]): number | null {
  return instants.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null);
}
