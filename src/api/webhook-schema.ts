import { z } from "zod";
import type { DeliveryState } from "../store/outbox.ts";

/** Every state once: the compiler refuses a list that misses one. */
export const DELIVERY_STATES: readonly DeliveryState[] = Object.keys({
  pending: true,
  delivered: true,
  failed: true,
} satisfies Record<DeliveryState, true>) as readonly DeliveryState[];

export interface DeliveryView {
  readonly id: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly endpoint: string | null;
  readonly url: string;
  readonly task_id: string | null;
  readonly created_at: string;
  readonly next_at: string | null;
  readonly ended_at: string | null;
  readonly tries: number;
  readonly log: readonly TryView[];
}

interface TryView {
  readonly at: string;
  readonly duration_seconds: number;
  readonly status: number | null;
  readonly error: string | null;
}

export interface EndpointView {
  readonly name: string;
  readonly url: string;
  readonly on: readonly string[];
  readonly routes: readonly string[];
  readonly format: string;
  readonly gone_since: string | null;
}

const INSTANT = z.string().meta({ format: "date-time" });

const DELIVERY: z.ZodType<DeliveryView> = z
  .object({
    id: z.string().describe("`webhook-id` of every try."),
    type: z.string(),
    state: z.enum(DELIVERY_STATES),
    endpoint: z.string().nullable().describe("A receiver of the configuration; null for a URL of a client."),
    url: z.string().describe("Without what may be a secret."),
    task_id: z.string().nullable(),
    created_at: INSTANT,
    next_at: INSTANT.nullable().describe("The next try."),
    ended_at: INSTANT.nullable(),
    tries: z.int().nonnegative().describe("Since it was last begun."),
    log: z.array(
      z.object({
        at: INSTANT,
        duration_seconds: z.number().nonnegative(),
        status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "Delivery" });

interface Deliveries {
  readonly success: true;
  readonly deliveries: readonly DeliveryView[];
  readonly count: number;
  readonly next_cursor: string | null;
}

export const DELIVERIES: z.ZodType<Deliveries> = z
  .object({
    success: z.literal(true),
    deliveries: z.array(DELIVERY),
    count: z.int().nonnegative(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "Deliveries" });

export const ONE_DELIVERY: z.ZodType<{ readonly success: true; readonly delivery: DeliveryView }> = z
  .object({ success: z.literal(true), delivery: DELIVERY })
  .meta({ id: "OneDelivery" });

interface Endpoints {
  readonly success: true;
  readonly endpoints: readonly EndpointView[];
  readonly gone: readonly { readonly url: string; readonly gone_since: string }[];
}

export const ENDPOINTS: z.ZodType<Endpoints> = z
  .object({
    success: z.literal(true),
    endpoints: z.array(
      z.object({
        name: z.string(),
        url: z.string().describe("Without what may be a secret."),
        on: z.array(z.string()).describe("Ends of tasks it is told of."),
        routes: z.array(z.string()).describe("Empty for all."),
        format: z.string(),
        gone_since: INSTANT.nullable().describe("When it said 410; nothing is sent there since."),
      }),
    ),
    gone: z.array(z.object({ url: z.string(), gone_since: INSTANT })).describe("URLs of clients."),
  })
  .meta({ id: "Endpoints" });
