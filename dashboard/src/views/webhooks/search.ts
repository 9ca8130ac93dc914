import type { DeliveryFilter, DeliveryState } from "../../../../client/webhooks.ts";

/** What the URL says of the deliveries that are shown. */
export type DeliverySearch = Pick<DeliveryFilter, "state" | "endpoint">;

export const STATES: readonly DeliveryState[] = Object.freeze<DeliveryState[]>([
  "pending",
  "delivered",
  "failed",
]);

/** Whatever else stands in the URL is left out. */
export function toDeliverySearch(search: Readonly<Record<string, unknown>>): DeliverySearch {
  const state = STATES.find((each) => each === search["state"]);
  const { endpoint } = search;
  return {
    ...(state === undefined ? {} : { state }),
    // The router reads a name that is a number as one.
    ...(typeof endpoint === "string" || typeof endpoint === "number" ? { endpoint: String(endpoint) } : {}),
  };
}
