import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import type { ControlInstance } from "./instance.ts";
import { problem } from "./problem-schema.ts";
import type { ViewOptions } from "./task-view.ts";

export interface ServiceSettings {
  readonly version: string;
  /** Null when ready, else the reason why not. */
  readonly readiness: () => string | null;
  readonly viewOptions: ViewOptions;
}

const SERVICE = z
  .object({
    success: z.literal(true),
    service: z.literal("headgate"),
    version: z.string(),
    message: z.string(),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: "Service" });

const HEALTH = z.object({ success: z.literal(true), status: z.literal("ok") }).meta({ id: "Health" });
const READINESS = z
  .object({ success: z.literal(true), status: z.literal("ready") })
  .meta({ id: "Readiness" });

/** `GET /`, and the probes: neither touches the store, so a slow disk never makes a living node look dead. */
export function addServiceRoutes(app: ControlInstance, settings: ServiceSettings): void {
  const { version, viewOptions } = settings;
  const links = linksUnder(viewOptions.controlPrefix);
  app.route({
    method: "GET",
    url: "/",
    config: { deed: "open" },
    schema: {
      operationId: "getService",
      summary: "What this is",
      response: { 200: SERVICE, 302: z.undefined().describe("A browser is sent to the dashboard.") },
    },
    async handler(request, reply) {
      reply.header("Vary", "Accept");
      if (wantsPage(request.headers.accept)) return reply.redirect(links["dashboard"] as string, 302);
      return reply.send({
        success: true as const,
        service: "headgate" as const,
        version,
        message: "Send requests as you would to the service itself; every one becomes a task.",
        links,
      });
    },
  });
  app.route({
    method: "GET",
    url: "/healthz",
    config: { deed: "open" },
    schema: { operationId: "getHealth", summary: "Whether the process lives", response: { 200: HEALTH } },
    handler: async (_request, reply) =>
      reply.header("Cache-Control", "no-store").send({ success: true, status: "ok" }),
  });
  app.route({
    method: "GET",
    url: "/readyz",
    config: { deed: "open" },
    schema: {
      operationId: "getReadiness",
      summary: "Whether requests are accepted",
      response: { 200: READINESS, 503: problem("Why not.") },
    },
    async handler(_request, reply) {
      const reason = settings.readiness();
      if (reason !== null) throw new HeadgateError("not_ready", reason);
      return reply.header("Cache-Control", "no-store").send({ success: true, status: "ready" });
    },
  });
}

/** A browser that opens the address, not a program that takes anything. */
function wantsPage(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/html\b/i.test(accept);
}

function linksUnder(prefix: string): Record<string, string> {
  return {
    task: `${prefix}/task/{id}`,
    result: `${prefix}/task/{id}/result`,
    task_events: `${prefix}/task/{id}/events`,
    tasks: `${prefix}/tasks`,
    events: `${prefix}/events`,
    stats: `${prefix}/stats`,
    lanes: `${prefix}/lanes`,
    targets: `${prefix}/targets`,
    health: `${prefix}/healthz`,
    readiness: `${prefix}/readyz`,
    metrics: `${prefix}/metrics`,
    openapi: `${prefix}/openapi.json`,
    docs: `${prefix}/docs`,
    dashboard: `${prefix}/dashboard`,
  };
}
