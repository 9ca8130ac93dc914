import { collectDefaultMetrics, Registry } from "@prometheus-io/client";
import type { LaneState } from "../api/snapshot.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { LaneTally, Store } from "../store/store.ts";
import { NODE_LOST } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import { FROM_CACHE } from "../task/exchange.ts";
import type { CircuitState, TargetState } from "../task/target-state.ts";
import { countIncidents } from "./incident-metrics.ts";
import { counter, gauge, histogram } from "./metric.ts";

export interface MetricsSettings {
  readonly events: Emitter<TaskEvents>;
  readonly tally: Store["tally"];
  readonly lanes: () => readonly LaneState[];
  readonly targets: () => readonly TargetState[];
  readonly connections: () => Connections;
  readonly version: string;
}

/** Clients whose connections are held for them. */
export interface Connections {
  /** For the end of a task. */
  readonly waiting: number;
  readonly streams: number;
}

export interface Metrics {
  /** The media type of the text. */
  readonly type: string;
  text(): Promise<string>;
}

/**
 * What Prometheus reads. Counters and histograms follow the events of this node; gauges are set when somebody reads.
 * Labels come from the configuration alone (lanes, pools, targets, rules) or from lists of ours (states, outcomes, codes), so
 * that no client can make series.
 */
export function createMetrics(settings: MetricsSettings): Metrics {
  const register = new Registry();
  follow(settings.events, register);
  countIncidents(settings.events, register);
  const setLanes = createLaneGauges(register);
  const setTargets = createTargetGauges(register);
  const setConnections = createConnectionGauges(register);
  gauge(register, "headgate_build_info", "The version that runs; always 1.", ["version"]).set(
    { version: settings.version },
    1,
  );
  collectDefaultMetrics({ register, eventLoopUtilizationTimeout: NEVER_MS });
  for (const name of LEFT_OUT) register.removeSingleMetric(name);

  return {
    type: register.contentType,
    async text() {
      const tallies = await settings.tally();
      setLanes(tallies, settings.lanes());
      setTargets(settings.targets());
      setConnections(settings.connections());
      return register.metrics();
    },
  };
}

/** Of the library's own: those that walk over every open connection, and those whose names Prometheus's linter refuses. */
const LEFT_OUT: readonly string[] = [
  "nodejs_active_handles",
  "nodejs_active_handles_total",
  "nodejs_active_requests",
  "nodejs_active_requests_total",
  "nodejs_active_resources",
  "nodejs_active_resources_total",
  "nodejs_eventloop_utilization_histogram",
  "nodejs_eventloop_utilization_summary",
];

/** Event loop utilization, left out here, would be measured ten times a second: half of what an idle process does. */
const NEVER_MS = 2 ** 31 - 1;

/** A task may wait for hours, and a target think for minutes. */
const WAIT_BUCKETS_SECONDS = [0.005, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400];
const TARGET_BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

function follow(events: Emitter<TaskEvents>, register: Registry): void {
  const tasks = counter(register, "headgate_tasks_total", "Tasks that were accepted, and how they ended.", [
    "lane",
    "event",
  ]);
  const attempts = counter(
    register,
    "headgate_attempts_total",
    "Attempts that ended, by what came of them.",
    ["lane", "outcome"],
  );
  const refused = counter(
    register,
    "headgate_refused_total",
    "Requests that were turned away, by error code.",
    ["code"],
  );
  const repeated = counter(
    register,
    "headgate_idempotent_replays_total",
    "Requests that had come before under their Idempotency-Key; lane - for batches.",
    ["lane"],
  );
  const fromCache = counter(
    register,
    "headgate_cache_hits_total",
    "Attempts that the cache answered, without the target.",
    ["lane"],
  );
  const heldBack = counter(
    register,
    "headgate_retries_held_back_total",
    "Retries put off because too many of the requests to the targets were retries.",
    ["pool"],
  );
  const queueWait = histogram(
    register,
    "headgate_queue_wait_seconds",
    "From acceptance to the first attempt.",
    ["lane"],
    WAIT_BUCKETS_SECONDS,
  );
  // Two, not one with both labels: that would be a histogram for every pair, thousands with many routes to many targets.
  const attemptTime = histogram(
    register,
    "headgate_attempt_seconds",
    "How long attempts that reached a target took, by lane.",
    ["lane"],
    TARGET_BUCKETS_SECONDS,
  );
  const targetTime = histogram(
    register,
    "headgate_target_seconds",
    "How long attempts that reached a target took, by target.",
    ["target"],
    TARGET_BUCKETS_SECONDS,
  );

  events.on("task.accepted", ({ lane }) => tasks.inc({ lane, event: "accepted" }));
  events.on("task.ended", ({ lane, state }) => tasks.inc({ lane, event: state }));
  events.on("task.refused", ({ code }) => refused.inc({ code }));
  events.on("request.repeated", ({ lane }) => repeated.inc({ lane: lane ?? "-" }));
  events.on("retry.held_back", ({ pool }) => heldBack.inc({ pool }));
  events.on("attempt.started", ({ lane, attempt, waitedMs }) => {
    // The first start alone: later ones waited for a backoff, not in line.
    if (attempt === 1) queueWait.observe({ lane }, waitedMs / 1_000);
  });
  events.on("attempt.ended", ({ lane, target, outcome, durationMs, error }) => {
    attempts.inc({ lane, outcome });
    // What a node left when it ended says how long that was, and nothing about the target; nor does what the cache had.
    if (target === null || outcome === "never_sent" || error?.code === NODE_LOST.code) return;
    if (target === FROM_CACHE) {
      fromCache.inc({ lane });
      return;
    }
    attemptTime.observe({ lane }, durationMs / 1_000);
    targetTime.observe({ target }, durationMs / 1_000);
  });
}

function createLaneGauges(
  register: Registry,
): (tallies: readonly LaneTally[], lanes: readonly LaneState[]) => void {
  const tasks = gauge(register, "headgate_tasks", "Tasks stored, by state.", ["lane", "state"]);
  const size = gauge(register, "headgate_queue_size", "Tasks that wait.", ["lane"]);
  const inFlight = gauge(
    register,
    "headgate_in_flight",
    "Slots taken at the targets, from all nodes over the same store.",
    ["lane"],
  );
  const capacity = gauge(register, "headgate_queue_capacity", "Tasks that may wait.", ["lane"]);
  const limit = gauge(register, "headgate_concurrency_limit", "Attempts at once: the limit in force now.", [
    "lane",
  ]);
  const paused = gauge(register, "headgate_lane_paused", "1 for a lane that is paused.", ["lane"]);

  return (tallies, lanes) => {
    // What is gone from the store or from the configuration goes from here.
    for (const each of [tasks, size, inFlight, capacity, limit, paused]) each.reset();
    for (const { config, limit: slots, settings } of lanes) {
      const { name: lane } = config;
      capacity.set({ lane }, config.maxQueueSize);
      limit.set({ lane }, slots);
      paused.set({ lane }, settings.paused ? 1 : 0);
      size.set({ lane }, 0);
      inFlight.set({ lane }, 0);
    }
    for (const { lane, stored, inFlight: taken } of tallies) {
      for (const [state, count] of Object.entries(stored)) tasks.set({ lane, state }, count);
      size.set({ lane }, stored.pending);
      inFlight.set({ lane }, taken);
    }
  };
}

function createConnectionGauges(register: Registry): (connections: Connections) => void {
  const waiting = gauge(register, "headgate_waiting_clients", "Clients that wait for the end of a task.", []);
  const streams = gauge(register, "headgate_event_streams", "Event streams that are open.", []);

  return (connections) => {
    waiting.set(connections.waiting);
    streams.set(connections.streams);
  };
}

const CIRCUIT_STATES: readonly CircuitState[] = ["closed", "open", "half_open"];

function createTargetGauges(register: Registry): (targets: readonly TargetState[]) => void {
  const inFlight = gauge(register, "headgate_target_in_flight", "Requests a target has, from this node.", [
    "pool",
    "target",
  ]);
  const up = gauge(register, "headgate_target_up", "1 for a target that may be sent requests.", [
    "pool",
    "target",
  ]);
  const circuit = gauge(
    register,
    "headgate_target_circuit",
    "1 for the state that a target's circuit is in.",
    ["pool", "target", "state"],
  );

  return (targets) => {
    for (const each of [inFlight, up, circuit]) each.reset();
    for (const { pool, url: target, ...state } of targets) {
      inFlight.set({ pool, target }, state.inFlight);
      up.set({ pool, target }, state.healthy !== false && state.circuit !== "open" ? 1 : 0);
      for (const each of CIRCUIT_STATES) {
        circuit.set({ pool, target, state: each }, each === state.circuit ? 1 : 0);
      }
    }
  };
}
