import { toIsoTime } from "../lib/clock.ts";
import { NONE_SEEN, NONE_STORED, viewLanes } from "./lane-view.ts";
import { viewPercentiles } from "./percentiles.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StatsView } from "./stats-schema.ts";
import { viewTarget } from "./target-view.ts";

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
    queue_wait_seconds: viewPercentiles(statistics.queueWaitMs),
    target_seconds: viewPercentiles(statistics.targetMs),
    refused: statistics.refused,
    long_tasks: {
      running: sum(lanes, ({ long_tasks }) => long_tasks),
      threshold_seconds: snapshot.longTaskThresholdMs / 1_000,
    },
    started_at: toIsoTime(startedAt),
    uptime_seconds: (now - startedAt) / 1_000,
    lanes,
    targets: snapshot.targets.map((target) => viewTarget(target, statistics)),
  };
}

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
