import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { toIsoTime, toIsoTimeOrNull } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { withoutSecrets } from "../lib/url.ts";
import type { Delivery, DeliveryFilter, OutboxStore } from "../store/outbox.ts";
import { type Caller, confinedTo, owns } from "../task/caller.ts";
import type { ControlInstance } from "./instance.ts";
import { numberIn, only, taskIdIn, textIn } from "./parameters.ts";
import { problem } from "./problem-schema.ts";
import {
  DELIVERIES,
  type DeliveryView,
  DELIVERY_STATES,
  ENDPOINTS,
  type EndpointView,
  ONE_DELIVERY,
} from "./webhook-schema.ts";

export interface WebhookSettings {
  readonly outbox: Pick<OutboxStore, "find" | "list" | "redeliver" | "enable" | "disabled">;
  /** Receivers of the configuration. */
  readonly endpoints: () => readonly {
    readonly name: string;
    readonly url: URL;
    readonly on: readonly string[];
    readonly routes: readonly string[];
    readonly format: string;
  }[];
  /** Sends a message to an endpoint, as an example; answers the id of its delivery. Null when there is none of that name. */
  readonly testEndpoint: (name: string) => Promise<string | null>;
  /** Something is due now. */
  readonly wakeWebhooks: () => void;
  readonly clock: Clock;
}

const LARGEST_PAGE = 200;
const LIMIT_RANGE = `must be a whole number from 1 to ${LARGEST_PAGE}`;
const QUERY = only({
  state: z.enum(DELIVERY_STATES, { error: `must be one of ${DELIVERY_STATES.join(", ")}` }).optional(),
  task: taskIdIn().optional(),
  endpoint: textIn(64).optional(),
  limit: numberIn(z.int(LIMIT_RANGE).min(1, LIMIT_RANGE).max(LARGEST_PAGE, LIMIT_RANGE)).prefault(50),
  cursor: textIn(64).optional(),
});
const DELIVERY_PARAMS = z.object({ id: textIn(64) });
const NAME_PARAMS = z.object({ name: textIn(64) });
const DONE = z.object({ success: z.literal(true), message: z.string() });

/** What was sent to webhook receivers, and again. */
export function addWebhookRoutes(app: ControlInstance, settings: WebhookSettings): void {
  const { outbox, clock } = settings;

  async function deliveryFor(id: string, caller: Caller): Promise<Delivery> {
    const delivery = await outbox.find(id);
    // What is about no task is the operators' business.
    if (delivery === null || !owns(caller, delivery.client ?? "")) throw UNKNOWN_DELIVERY;
    return delivery;
  }

  app.route({
    method: "GET",
    url: "/webhooks/deliveries",
    config: { deed: "see" },
    schema: {
      operationId: "listDeliveries",
      summary: "Deliveries to webhook receivers, newest first",
      querystring: QUERY,
      response: { 200: DELIVERIES, 400: problem("A parameter is malformed or not known.") },
    },
    async handler({ query, caller }, reply) {
      const { deliveries, next } = await outbox.list(toFilter(query, confinedTo(caller)));
      return reply.header("Cache-Control", "no-store").send({
        success: true,
        deliveries: deliveries.map(viewDelivery),
        count: deliveries.length,
        next_cursor: next,
      });
    },
  });
  app.route({
    method: "GET",
    url: "/webhooks/deliveries/:id",
    config: { deed: "see" },
    schema: {
      operationId: "getDelivery",
      summary: "A delivery with its tries",
      params: DELIVERY_PARAMS,
      response: { 200: ONE_DELIVERY, 404: problem("There is no such delivery.") },
    },
    handler: async ({ params, caller }) => ({
      success: true as const,
      delivery: viewDelivery(await deliveryFor(params.id, caller)),
    }),
  });
  app.route({
    method: "POST",
    url: "/webhooks/deliveries/:id/redeliver",
    config: { deed: "handle" },
    schema: {
      operationId: "redeliver",
      summary: "Send a delivery again, under its id",
      params: DELIVERY_PARAMS,
      response: {
        202: DONE,
        404: problem("There is no such delivery."),
        409: problem("It is on its way already."),
      },
    },
    async handler({ params, caller }, reply) {
      const { id } = await deliveryFor(params.id, caller);
      const isBegun = await outbox.redeliver(id, clock.now());
      if (isBegun === null) throw UNKNOWN_DELIVERY;
      if (!isBegun) throw ON_ITS_WAY;
      settings.wakeWebhooks();
      return reply.code(202).send({ success: true, message: "It is sent again." });
    },
  });
  addEndpointRoutes(app, settings);
}

function addEndpointRoutes(app: ControlInstance, settings: WebhookSettings): void {
  const { outbox } = settings;

  app.route({
    method: "GET",
    url: "/webhooks/endpoints",
    config: { deed: "survey" },
    schema: {
      operationId: "listEndpoints",
      summary: "Receivers of the configuration, and URLs that are gone",
      response: { 200: ENDPOINTS },
    },
    async handler() {
      const gone = new Map((await outbox.disabled()).map(({ url, since }) => [url, since]));
      const endpoints = settings.endpoints().map((endpoint): EndpointView => {
        const since = gone.get(endpoint.url.href) ?? null;
        gone.delete(endpoint.url.href);
        return {
          name: endpoint.name,
          url: withoutSecrets(endpoint.url.href),
          on: [...endpoint.on],
          routes: [...endpoint.routes],
          format: endpoint.format,
          gone_since: toIsoTimeOrNull(since),
        };
      });
      const others = [...gone].map(([url, since]) => ({
        url: withoutSecrets(url),
        gone_since: toIsoTime(since),
      }));
      return { success: true as const, endpoints, gone: others };
    },
  });
  app.route({
    method: "POST",
    url: "/webhooks/endpoints/:name/test",
    config: { deed: "operate" },
    schema: {
      operationId: "testEndpoint",
      summary: "Send a receiver an example",
      params: NAME_PARAMS,
      response: {
        202: DONE.extend({ delivery: z.string() }),
        404: problem("There is no such receiver."),
      },
    },
    async handler({ params }, reply) {
      const delivery = await settings.testEndpoint(params.name);
      if (delivery === null) throw UNKNOWN_ENDPOINT;
      return reply.code(202).send({ success: true, message: "An example is sent.", delivery });
    },
  });
  app.route({
    method: "POST",
    url: "/webhooks/endpoints/:name/enable",
    config: { deed: "operate" },
    schema: {
      operationId: "enableEndpoint",
      summary: "Send to a receiver again that said 410",
      params: NAME_PARAMS,
      response: { 200: DONE, 404: problem("There is no such receiver.") },
    },
    async handler({ params }) {
      const endpoint = settings.endpoints().find(({ name }) => name === params.name);
      if (endpoint === undefined) throw UNKNOWN_ENDPOINT;
      const changed = await outbox.enable(endpoint.url.href);
      return { success: true as const, message: changed ? "It is sent to again." : "It was not shut off." };
    },
  });
}

const UNKNOWN_DELIVERY = new HeadgateError(
  "not_found",
  "There is no such delivery; it may have been deleted.",
);
const UNKNOWN_ENDPOINT = new HeadgateError("not_found", "There is no receiver of that name.");
const ON_ITS_WAY = new HeadgateError("conflict", "It is on its way already.");

function toFilter(query: z.output<typeof QUERY>, client: string | null): DeliveryFilter {
  const { state, task, endpoint, limit, cursor } = query;
  return {
    limit,
    ...(cursor === undefined ? {} : { after: cursor }),
    ...(state === undefined ? {} : { state }),
    ...(task === undefined ? {} : { taskId: task }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(client === null ? {} : { client }),
  };
}

function viewDelivery(delivery: Delivery): DeliveryView {
  return {
    id: delivery.id,
    type: delivery.type,
    state: delivery.state,
    endpoint: delivery.endpoint,
    url: withoutSecrets(delivery.url),
    task_id: delivery.taskId,
    created_at: toIsoTime(delivery.createdAt),
    next_at: toIsoTimeOrNull(delivery.nextAt),
    ended_at: toIsoTimeOrNull(delivery.endedAt),
    tries: delivery.tries,
    log: delivery.log.map(({ at, durationMs, status, error }) => ({
      at: toIsoTime(at),
      duration_seconds: durationMs / 1_000,
      status,
      error,
    })),
  };
}
