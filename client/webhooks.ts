import type { Connection } from "./connection.ts";

/** A message to a receiver, with what became of it. */
export interface Delivery {
  /** `webhook-id` of every try. */
  readonly id: string;
  readonly type: string;
  readonly state: DeliveryState;
  /** A receiver of the configuration; null for a URL of a client. */
  readonly endpoint: string | null;
  /** Without what may be a secret. */
  readonly url: string;
  readonly task_id: string | null;
  readonly created_at: string;
  readonly next_at: string | null;
  readonly ended_at: string | null;
  /** Since it was last begun. */
  readonly tries: number;
  readonly log: readonly DeliveryTry[];
}

export type DeliveryState = "pending" | "delivered" | "failed";

export interface DeliveryTry {
  readonly at: string;
  readonly duration_seconds: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** A receiver of the configuration. */
export interface Endpoint {
  readonly name: string;
  readonly url: string;
  /** Ends of tasks it is told of. */
  readonly on: readonly string[];
  /** Empty for all. */
  readonly routes: readonly string[];
  readonly format: string;
  /** When it said 410; nothing is sent there since. */
  readonly gone_since: string | null;
}

export interface EndpointList {
  readonly endpoints: readonly Endpoint[];
  /** URLs of clients that said 410. */
  readonly gone: readonly { readonly url: string; readonly gone_since: string }[];
}

/** Which deliveries: all that is given must hold. */
export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly task?: string;
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
