import type { LaneTally } from "../store/store.ts";
import { formatRate, type LaneSettings, UNCHANGED } from "../task/lane.ts";
import { viewHold } from "./hold-view.ts";
import type { LaneView, OverridesView } from "./lane-schema.ts";
import { viewPercentiles } from "./percentiles.ts";
import type { LaneState, Snapshot } from "./snapshot.ts";

/** Lanes as configured, then those that only the store still knows. */
export function viewLanes(snapshot: Snapshot): LaneView[] {
  const { tallies, lanes } = snapshot;
  const configured = new Set(lanes.map(({ config }) => config.name));
  const former = tallies.filter(({ lane }) => !configured.has(lane));
  return [
    ...lanes.map((lane) => viewLane(lane.config.name, lane, snapshot)),
    ...former.map(({ lane }) => viewLane(lane, null, snapshot)),
  ];
}

/** Null when neither the configuration nor the store knows it. */
export function viewLaneNamed(name: string, snapshot: Snapshot): LaneView | null {
  const state = snapshot.lanes.find(({ config }) => config.name === name) ?? null;
  const isKnown = state !== null || snapshot.tallies.some(({ lane }) => lane === name);
  return isKnown ? viewLane(name, state, snapshot) : null;
}

function viewLane(name: string, state: LaneState | null, snapshot: Snapshot): LaneView {
  const { tallies, statistics, running, now, longTaskThresholdMs } = snapshot;
  const tally = tallies.find((each) => each.lane === name);
  const seen = Object.hasOwn(statistics.lanes, name) ? statistics.lanes[name] : undefined;
  const isLong = (each: { readonly lane: string; readonly startedAt: number }): boolean =>
    each.lane === name && now - each.startedAt >= longTaskThresholdMs;
  const size = tally?.stored.pending ?? 0;
  return {
    name,
    ...viewPolicy(state, size > 0),
    tasks: tally?.stored ?? NONE_STORED,
    totals: tally?.total ?? NONE_SEEN,
    queue: { size, capacity: state?.config.maxQueueSize ?? null },
    in_flight: tally?.inFlight ?? 0,
    queue_wait_seconds: viewPercentiles(seen?.queueWaitMs ?? null),
    target_seconds: viewPercentiles(seen?.targetMs ?? null),
    long_tasks: running.filter(isLong).length,
  };
}

type Policy = Omit<
  LaneView,
  "name" | "tasks" | "totals" | "queue" | "in_flight" | "queue_wait_seconds" | "target_seconds" | "long_tasks"
>;

function viewPolicy(state: LaneState | null, isWaiting: boolean): Policy {
  if (state === null) return NO_POLICY;
  const { config, route, settings, limit, hold } = state;
  return {
    match: route.paths,
    methods: route.methods,
    hosts: route.hosts,
    target: config.pool,
    paused: settings.paused,
    // Nothing is kept from being sent where nothing waits; a pause is worth telling all the same.
    waiting_for: isWaiting || settings.paused ? viewHold(hold) : null,
    limit,
    adaptive: config.maxConcurrent === "auto",
    rate: config.rate && formatRate(config.rate),
    timeout_seconds: config.timeoutMs / 1_000,
    start_within_seconds: config.startWithinMs === null ? null : config.startWithinMs / 1_000,
    max_attempts: config.maxAttempts,
    priority: config.priority,
    overrides: viewOverrides(settings),
  };
}

export function viewOverrides({ maxConcurrent, maxQueueSize, rate }: LaneSettings): OverridesView {
  return {
    max_concurrent: maxConcurrent,
    queue: maxQueueSize,
    rate: rate && formatRate(rate),
  };
}

const NO_POLICY: Policy = Object.freeze({
  match: [],
  methods: [],
  hosts: [],
  target: null,
  paused: false,
  waiting_for: viewHold({ kind: "no_route", until: null }),
  limit: null,
  adaptive: false,
  rate: null,
  timeout_seconds: null,
  start_within_seconds: null,
  max_attempts: null,
  priority: null,
  overrides: viewOverrides(UNCHANGED),
});

export const NONE_STORED: LaneTally["stored"] = Object.freeze({
  pending: 0,
  processing: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
});

export const NONE_SEEN: LaneTally["total"] = Object.freeze({
  accepted: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
});
