import type { LaneConfig, RouteConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { LaneTally, Store } from "../store/store.ts";
import type { Hold } from "../task/hold.ts";
import type { LaneSettings } from "../task/lane.ts";
import type { NodeStatistics } from "../task/statistics.ts";
import type { TargetState } from "../task/target-state.ts";
import type { ViewOptions } from "./task-view.ts";

/** A configured lane as it stands. */
export interface LaneState {
  /** As it is worked: what was changed while running is in it. */
  readonly config: LaneConfig;
  readonly route: Pick<RouteConfig, "paths" | "methods" | "hosts">;
  readonly settings: LaneSettings;
  /** Attempts at once now: the smaller of limit and workers; what was learned so far where the limit is learned. */
  readonly limit: number;
  /** What keeps its next task; null when nothing does. */
  readonly hold: Hold | null;
}

export interface SnapshotSettings {
  readonly tally: Store["tally"];
  readonly statistics: () => NodeStatistics;
  /** Attempts that run on this node. */
  readonly running: () => Iterable<RunningAttempt>;
  readonly lanes: () => readonly LaneState[];
  readonly targets: () => readonly TargetState[];
  readonly viewOptions: ViewOptions & { readonly numWorkers: number };
  readonly clock: Clock;
  readonly startedAt: number;
}

interface RunningAttempt {
  readonly lane: string;
  readonly startedAt: number;
}

/** What the store keeps for all nodes and what this node saw, at one moment. */
export interface Snapshot {
  readonly now: number;
  readonly startedAt: number;
  readonly tallies: readonly LaneTally[];
  readonly lanes: readonly LaneState[];
  readonly targets: readonly TargetState[];
  readonly statistics: NodeStatistics;
  readonly running: readonly RunningAttempt[];
  readonly longTaskThresholdMs: number;
  readonly numWorkers: number;
}

export async function takeSnapshot(settings: SnapshotSettings): Promise<Snapshot> {
  const { tally, statistics, running, lanes, targets, viewOptions, clock, startedAt } = settings;
  const { longTaskThresholdMs, numWorkers } = viewOptions;
  // The only one that takes time comes first, so that the rest is of one moment.
  const tallies = await tally();
  return {
    tallies,
    now: clock.now(),
    startedAt,
    lanes: lanes(),
    targets: targets(),
    statistics: statistics(),
    running: [...running()],
    longTaskThresholdMs,
    numWorkers,
  };
}
