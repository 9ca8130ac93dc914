import type { LaneConfig } from "../config/config.ts";
import { toIsoTime } from "../lib/clock.ts";
import type { LaneTally } from "../store/store.ts";
import type { NodeStatistics, Percentiles } from "../task/statistics.ts";
import type { LaneView, PercentilesView, StatsView, TargetView } from "./stats-schema.ts";

export interface Snapshot {
  readonly now: number;
  readonly startedAt: number;
  readonly tallies: readonly LaneTally[];
  readonly lanes: readonly LaneConfig[];
  readonly statistics: NodeStatistics;
  readonly running: readonly { readonly lane: string; readonly startedAt: number }[];
  readonly longTaskThresholdMs: number;
  readonly target: string;
  readonly numWorkers: number;
}

/** `/stats` from what the store keeps for all nodes and what this node saw. Pure. */
export function viewStats(snapshot: Snapshot): StatsView {
  const { now, startedAt, statistics } = snapshot;
  const lanes = viewLanes(snapshot);
  return {
    success: true,
    tasks: total(
      NONE_STORED,
      lanes.map(({ tasks }) => tasks),
    ),
    totals: total(
      NONE_SEEN,
      lanes.map(({ totals }) => totals),
    ),
    queue: {
      size: sum(lanes, ({ queue }) => queue.size),
      capacity: sum(lanes, ({ queue }) => queue.capacity ?? 0),
    },
    in_flight: sum(lanes, ({ in_flight }) => in_flight),
    limit: sum(lanes, ({ limit }) => limit ?? 0),
    num_workers: snapshot.numWorkers,
    throughput: {
      window_seconds: statistics.windowSeconds,
      accepted_per_second: statistics.acceptedPerSecond,
      started_per_second: statistics.startedPerSecond,
      ended_per_second: statistics.endedPerSecond,
    },
    success_rate: statistics.successRate,
    queue_wait_seconds: toSeconds(statistics.queueWaitMs),
    target_seconds: toSeconds(statistics.targetMs),
    refused: statistics.refused,
    long_tasks: {
      running: sum(lanes, ({ long_tasks }) => long_tasks),
      threshold_seconds: snapshot.longTaskThresholdMs / 1_000,
    },
    started_at: toIsoTime(startedAt),
    uptime_seconds: (now - startedAt) / 1_000,
    lanes,
    targets: viewTargets(snapshot),
  };
}

/** Lanes as configured, then those that only the store still knows. */
export function viewLanes(snapshot: Snapshot): LaneView[] {
  const { tallies, lanes } = snapshot;
  const configured = new Set(lanes.map(({ name }) => name));
  const former = tallies.filter(({ lane }) => !configured.has(lane));
  return [
    ...lanes.map((lane) => viewLane(lane.name, lane, snapshot)),
    ...former.map(({ lane }) => viewLane(lane, null, snapshot)),
  ];
}

export function viewTargets(snapshot: Snapshot): TargetView[] {
  const lanes = viewLanes(snapshot);
  return [
    {
      url: snapshot.target,
      in_flight: sum(lanes, ({ in_flight }) => in_flight),
      limit: sum(lanes, ({ limit }) => limit ?? 0),
      target_seconds: toSeconds(snapshot.statistics.targetMs),
    },
  ];
}

function viewLane(name: string, lane: LaneConfig | null, snapshot: Snapshot): LaneView {
  const { tallies, statistics, running, now, longTaskThresholdMs } = snapshot;
  const tally = tallies.find((each) => each.lane === name);
  const seen = Object.hasOwn(statistics.lanes, name) ? statistics.lanes[name] : undefined;
  const isLong = (each: { readonly lane: string; readonly startedAt: number }): boolean =>
    each.lane === name && now - each.startedAt >= longTaskThresholdMs;
  return {
    name,
    tasks: tally?.stored ?? NONE_STORED,
    totals: tally?.total ?? NONE_SEEN,
    queue: { size: tally?.stored.pending ?? 0, capacity: lane?.maxQueueSize ?? null },
    in_flight: tally?.inFlight ?? 0,
    limit: lane === null || lane.maxConcurrent === "auto" ? null : lane.maxConcurrent,
    timeout_seconds: lane === null ? null : lane.timeoutMs / 1_000,
    max_attempts: lane?.maxAttempts ?? null,
    queue_wait_seconds: toSeconds(seen?.queueWaitMs ?? null),
    target_seconds: toSeconds(seen?.targetMs ?? null),
    long_tasks: running.filter(isLong).length,
  };
}

const NONE_STORED: LaneTally["stored"] = Object.freeze({
  pending: 0,
  processing: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
});
const NONE_SEEN: LaneTally["total"] = Object.freeze({ accepted: 0, completed: 0, failed: 0, cancelled: 0 });

function total<Key extends string>(
  zero: Readonly<Record<Key, number>>,
  all: readonly Readonly<Record<Key, number>>[],
): Record<Key, number> {
  const keys = Object.keys(zero) as Key[];
  return Object.fromEntries(keys.map((key) => [key, sum(all, (each) => each[key])])) as Record<Key, number>;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

function toSeconds(ms: Percentiles | null): PercentilesView | null {
  return ms && { p50: ms.p50 / 1_000, p95: ms.p95 / 1_000, p99: ms.p99 / 1_000 };
}
