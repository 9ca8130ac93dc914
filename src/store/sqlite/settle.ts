import type { DatabaseSync } from "node:sqlite";
import { isFinal } from "../../task/task.ts";
import type { SettlementRow } from "./row.ts";
import type { Tallies } from "./tallies.ts";

/**
 * Writes the outcome of an attempt if node and epoch of its lease still stand. A task that was cancelled meanwhile keeps
 * its state; only the slot that it still held is freed.
 */
export function prepareSettle(db: DatabaseSync, tallies: Tallies): (settlement: SettlementRow) => boolean {
  const write = db.prepare(
    `UPDATE task SET state = ?, reason = ?, node = NULL, completed_at = ?, not_before = ?, error = ?, response_status = ?, response_bytes = ?,
            attempts = coalesce(attempts || ',', '') || ?
      WHERE id = ? AND node = ? AND epoch = ? AND state = 'processing' RETURNING seq, lane, priority, rank`,
  );
  const giveBack = db.prepare(
    // The attempt never was: its start goes, too, and that of the one before it is the latest again.
    `UPDATE task SET state = ?, reason = ?, node = NULL, not_before = ?, attempt = attempt - 1,
            started_at = json_extract('[' || attempts || ']', '$[#-1].startedAt')
      WHERE id = ? AND node = ? AND epoch = ? AND state = 'processing' RETURNING seq, lane, priority, rank`,
  );
  const freeSlot = db.prepare(
    `UPDATE task SET node = NULL, attempts = coalesce(coalesce(attempts || ',', '') || ?, attempts)
      WHERE id = ? AND node = ? AND epoch = ? AND state = 'cancelled' RETURNING lane`,
  );
  const insertResponse = db.prepare(
    "INSERT INTO response (seq, status, headers, body, file) VALUES (?, ?, ?, ?, ?)",
  );

  return (settlement) => {
    const { state, reason, at, attempt, error, notBefore, fence } = settlement;
    const written =
      attempt === null
        ? giveBack.get(state, reason, notBefore, ...fence)
        : write.get(
            state,
            reason,
            isFinal(state) ? at : null,
            notBefore,
            error,
            settlement.responseStatus,
            settlement.responseBytes,
            attempt,
            ...fence,
          );
    if (written === undefined) {
      const freed = freeSlot.get(attempt, ...fence);
      if (freed !== undefined) tallies.add(String(freed["lane"]), "in_flight", -1);
      return false;
    }
    const lane = String(written["lane"]);
    if (settlement.content !== null)
      insertResponse.run(Number(written["seq"]), settlement.responseStatus, ...settlement.content);
    tallies.add(lane, "processing", -1);
    tallies.add(lane, "in_flight", -1);
    tallies.add(lane, state, 1);
    if (isFinal(state)) tallies.add(lane, `total_${state}`, 1);
    if (state === "pending" && notBefore === null)
      tallies.line(lane, Number(written["priority"]), Number(written["rank"]), 1);
    return true;
  };
}
