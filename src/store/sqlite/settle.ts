import type { DatabaseSync } from "node:sqlite";
import type { State } from "../../task/task.ts";
import { isFinal } from "../../task/task.ts";
import { toContentColumns } from "./content-row.ts";
import type { Line, Waiting } from "./line.ts";
import { type Ended, prepareOwe } from "./owe.ts";
import type { SettlementRow } from "./settlement-row.ts";
import type { Tallies } from "./tallies.ts";

interface Held extends Ended {
  readonly seq: number;
  readonly lane: string;
  readonly state: State;
}

/**
 * Writes the outcome of an attempt if node and epoch of its lease still stand. A task that was cancelled meanwhile keeps
 * its state; only the slot that it still held is freed.
 */
export function prepareSettle(
  db: DatabaseSync,
  tallies: Tallies,
  line: Line,
): (settlement: SettlementRow) => boolean {
  const findHeld = db.prepare(
    "SELECT seq, id, lane, client, state, callbacks FROM task WHERE id = ? AND node = ? AND epoch = ?",
  );
  const findPlace = db.prepare(
    "SELECT lane, priority, rank, client, weight, attempt FROM task WHERE seq = ?",
  );
  const write = db.prepare(
    `UPDATE task SET state = ?, reason = ?, node = NULL, completed_at = ?, not_before = ?, error = ?, response_status = ?, response_bytes = ?,
            attempts = coalesce(attempts || ',', '') || ?
      WHERE seq = ?`,
  );
  const giveBack = db.prepare(
    // The attempt never was: its start goes, too, and that of the one before it is the latest again.
    `UPDATE task SET state = ?, reason = ?, node = NULL, not_before = ?, attempt = attempt - 1,
            started_at = json_extract('[' || attempts || ']', '$[#-1].startedAt')
      WHERE seq = ?`,
  );
  const freeSlot = db.prepare(
    "UPDATE task SET node = NULL, attempts = coalesce(coalesce(attempts || ',', '') || ?, attempts) WHERE seq = ?",
  );
  const owe = prepareOwe(db);
  const insertResponse = db.prepare(
    "INSERT INTO response (seq, status, headers, body, file) VALUES (?, ?, ?, ?, ?)",
  );

  function writeOutcome(held: Held, settlement: SettlementRow): void {
    const [, , , state, reason, at, attempt, error, notBefore, responseStatus, responseBytes, content] =
      settlement;
    const { seq } = held;
    if (attempt === null) {
      giveBack.run(state, reason, notBefore, seq);
      return;
    }
    const endedAt = isFinal(state) ? at : null;
    write.run(state, reason, endedAt, notBefore, error, responseStatus, responseBytes, attempt, seq);
    if (isFinal(state)) owe(held, state, at);
    if (content !== null) insertResponse.run(seq, responseStatus, ...toContentColumns(content));
  }

  return (settlement) => {
    const [id, node, epoch, state, , , attempt, , notBefore] = settlement;
    const held = findHeld.get(id, node, epoch) as Held | undefined;
    if (held === undefined) return false;
    const { lane } = held;
    tallies.add(lane, "in_flight", -1);
    if (held.state !== "processing") {
      freeSlot.run(attempt, held.seq);
      return false;
    }
    writeOutcome(held, settlement);
    tallies.add(lane, "processing", -1);
    tallies.add(lane, state, 1);
    if (isFinal(state)) tallies.add(lane, `total_${state}`, 1);
    if (state === "pending" && notBefore === null)
      line.comeBack(findPlace.get(held.seq) as unknown as Waiting);
    return true;
  };
}
