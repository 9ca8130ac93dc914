import type { DatabaseSync } from "node:sqlite";
import type { DeliveryFilter } from "../outbox.ts";
import { DELIVERY_COLUMNS } from "./outbox.ts";
import { Conditions, type PageRows, preparePage } from "./page.ts";

/** Newest first. */
export function prepareListDeliveries(db: DatabaseSync): (filter: DeliveryFilter) => PageRows {
  const page = preparePage(db, "delivery", DELIVERY_COLUMNS);

  return ({ after, taskId, state, endpoint, client, limit }) => {
    const scope = new Conditions();
    if (after !== undefined) scope.add("seq < coalesce((SELECT seq FROM delivery WHERE id = ?), 0)", after);
    if (taskId !== undefined) scope.add("task_id = ?", taskId);
    const match = new Conditions();
    if (state !== undefined) match.add("state = ?", state);
    if (endpoint !== undefined) match.add("endpoint = ?", endpoint);
    if (client !== undefined) match.add("client = ?", client);
    const index = taskId === undefined ? "NOT INDEXED" : "INDEXED BY delivery_task";
    return page({ scope, match, index, limit });
  };
}
