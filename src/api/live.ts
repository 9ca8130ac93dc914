import type { ControlInstance } from "./instance.ts";
import { type SnapshotSettings, takeSnapshot } from "./snapshot.ts";
import { STATS } from "./stats-schema.ts";
import { viewStats } from "./stats-view.ts";
import { TARGETS, viewTarget } from "./target-view.ts";

/** `GET /stats` and `GET /targets`: how things stand. */
export function addLiveRoutes(app: ControlInstance, settings: SnapshotSettings): void {
  app.route({
    method: "GET",
    url: "/stats",
    config: { deed: "survey" },
    schema: { operationId: "getStats", summary: "Counts, rates and times", response: { 200: STATS } },
    handler: async (_request, reply) =>
      reply.header("Cache-Control", "no-store").send(viewStats(await takeSnapshot(settings))),
  });
  app.route({
    method: "GET",
    url: "/targets",
    config: { deed: "survey" },
    schema: { operationId: "listTargets", summary: "Where requests go", response: { 200: TARGETS } },
    async handler(_request, reply) {
      const statistics = settings.statistics();
      const targets = settings.targets().map((target) => viewTarget(target, statistics));
      return reply.header("Cache-Control", "no-store").send({ success: true, targets });
    },
  });
}
