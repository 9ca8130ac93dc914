import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Store } from "../store/store.ts";
import type { NodeStatistics } from "../task/statistics.ts";
import type { ControlInstance } from "./instance.ts";
import { LANES, STATS, TARGETS } from "./stats-schema.ts";
import { type Snapshot, viewLanes, viewStats, viewTargets } from "./stats-view.ts";
import type { ViewOptions } from "./task-view.ts";

export interface LiveSettings {
  readonly tally: Store["tally"];
  readonly statistics: () => NodeStatistics;
  /** Attempts that run on this node. */
  readonly running: () => Iterable<{ readonly lane: string; readonly startedAt: number }>;
  readonly lanes: readonly LaneConfig[];
  readonly viewOptions: ViewOptions & { readonly numWorkers: number };
  readonly clock: Clock;
  readonly startedAt: number;
}

/** `GET /stats`, `GET /lanes`, `GET /targets`: how things stand. */
export function addLiveRoutes(app: ControlInstance, settings: LiveSettings): void {
  app.addHook("onRequest", async (_request, reply) => void reply.header("Cache-Control", "no-store"));
  app.route({
    method: "GET",
    url: "/stats",
    schema: { operationId: "getStats", summary: "Counts, rates and times", response: { 200: STATS } },
    handler: async () => viewStats(await look(settings)),
  });
  app.route({
    method: "GET",
    url: "/lanes",
    schema: { operationId: "listLanes", summary: "The queue of each route", response: { 200: LANES } },
    handler: async () => ({ success: true as const, lanes: viewLanes(await look(settings)) }),
  });
  app.route({
    method: "GET",
    url: "/targets",
    schema: { operationId: "listTargets", summary: "Where requests go", response: { 200: TARGETS } },
    handler: async () => ({ success: true as const, targets: viewTargets(await look(settings)) }),
  });
}

async function look(settings: LiveSettings): Promise<Snapshot> {
  const { tally, statistics, running, lanes, viewOptions, clock, startedAt } = settings;
  const { longTaskThresholdMs, target, numWorkers } = viewOptions;
  return {
    tallies: await tally(),
    statistics: statistics(),
    running: [...running()],
    now: clock.now(),
    startedAt,
    lanes,
    longTaskThresholdMs,
    target,
    numWorkers,
  };
}
