// A lane and a target as they stand when nothing was changed about them and nothing holds them.

import type { LaneState } from "../../src/api/snapshot.ts";
import type { LaneConfig } from "../../src/config/config.ts";
import { UNCHANGED } from "../../src/task/lane.ts";
import type { TargetState } from "../../src/task/target-state.ts";
import { newLane } from "./lane.ts";

export function laneState(config: Partial<LaneConfig> = {}, changes: Partial<LaneState> = {}): LaneState {
  const lane = newLane(config);
  return {
    config: lane,
    route: { paths: [], methods: [], hosts: [] },
    settings: UNCHANGED,
    limit: lane.maxConcurrent === "auto" ? 3 : lane.maxConcurrent,
    hold: null,
    ...changes,
  };
}

export function targetState(changes: Partial<TargetState> = {}): TargetState {
  return {
    pool: "default",
    url: "http://target:8000",
    weight: 1,
    inFlight: 1,
    limit: null,
    healthy: null,
    circuit: "closed",
    failures: 0,
    openUntil: null,
    lastFailure: null,
    ...changes,
  };
}
