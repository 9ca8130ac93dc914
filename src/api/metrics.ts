import { z } from "zod";
import type { ControlInstance } from "./instance.ts";

export interface MetricsSettings {
  /** The metrics as text, and the media type of it. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
}

const EXPOSITION = {
  description: "The text format of Prometheus, version 0.0.4.",
  content: { "text/plain": { schema: z.string() } },
};

/** `GET /metrics`. */
export function addMetricsRoute(app: ControlInstance, { metrics }: MetricsSettings): void {
  app.route({
    method: "GET",
    url: "/metrics",
    config: { deed: "survey" },
    schema: {
      operationId: "getMetrics",
      summary: "Counts and times for Prometheus",
      response: { 200: EXPOSITION },
    },
    async handler(_request, reply) {
      const { type, text } = await metrics();
      return reply.header("Cache-Control", "no-store").type(type).send(text);
    },
  });
}
