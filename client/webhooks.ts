import type { Connection } from "./connection.ts";
import type { components } from "./schema.ts";

type Schemas = components["schemas"];

/** A message to a receiver, with what became of it. */
export type Delivery = Schemas["Delivery"];
export type DeliveryState = Delivery["state"];
export type DeliveryTry = Delivery["log"][number];

/** The receivers of the configuration, and URLs of clients that are gone. */
export type EndpointList = Pick<Schemas["Endpoints"], "endpoints" | "gone">;
export type Endpoint = EndpointList["endpoints"][number];

/** Which deliveries: all that is given must hold. */
export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly task?: string;
  /** A receiver of the configuration. */
  readonly endpoint?: string;
}

export interface DeliveryList {
  readonly deliveries: readonly Delivery[];
  readonly next_cursor: string | null;
}

/** What is told to receivers: looked at, and told again. */
export class Webhooks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** One page, newest first. */
  deliveries(
    filter: DeliveryFilter = {},
    at: { readonly limit?: number; readonly cursor?: string | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<DeliveryList> {
    const { signal, ...place } = at;
    return this.#connection.json("/webhooks/deliveries", { query: { ...filter, ...place }, signal });
  }

  async delivery(id: string): Promise<Delivery> {
    const path = `/webhooks/deliveries/${encodeURIComponent(id)}`;
    return (await this.#connection.json<{ readonly delivery: Delivery }>(path)).delivery;
  }

  /** Sends it again, under its id. */
  async redeliver(id: string): Promise<void> {
    const path = `/webhooks/deliveries/${encodeURIComponent(id)}/redeliver`;
    await this.#connection.json(path, { method: "POST" });
  }

  endpoints(): Promise<EndpointList> {
    return this.#connection.json("/webhooks/endpoints");
  }

  /** Sends a receiver an example; answers the id of its delivery. */
  async test(endpoint: string): Promise<string> {
    const path = `/webhooks/endpoints/${encodeURIComponent(endpoint)}/test`;
    return (await this.#connection.json<{ readonly delivery: string }>(path, { method: "POST" })).delivery;
  }

  /** Sends to a receiver again that said 410. */
  async enable(endpoint: string): Promise<void> {
    const path = `/webhooks/endpoints/${encodeURIComponent(endpoint)}/enable`;
    await this.#connection.json(path, { method: "POST" });
  }
}
