import type { Settlement } from "../../task/settlement.ts";
import type { Reason, State } from "../../task/task.ts";
import { bodySize } from "../../task/task.ts";
import { type ContentRow, toContentRow } from "./content-row.ts";

/** What a settlement writes, in the order of `toSettlementRow`; without an attempt's row, the attempt is given back. */
export type SettlementRow = readonly [
  id: string,
  node: string,
  epoch: number,
  state: State,
  reason: Reason,
  at: number,
  attempt: string | null,
  error: string | null,
  notBefore: number | null,
  responseStatus: number | null,
  responseBytes: number | null,
  content: ContentRow | null,
];

export function toSettlementRow(settlement: Settlement): SettlementRow {
  const { lease, to, reason, at, attempt, error } = settlement;
  const response = settlement.to === "pending" ? null : settlement.response;
  return [
    lease.taskId,
    lease.node,
    lease.epoch,
    to,
    reason,
    at,
    attempt === null ? null : JSON.stringify(attempt),
    error === null ? null : JSON.stringify(error),
    settlement.to === "pending" ? settlement.notBefore : null,
    response?.status ?? null,
    response === null ? null : bodySize(response.body),
    response === null ? null : toContentRow(response.headers, response.body),
  ];
}
