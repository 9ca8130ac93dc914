import type { DatabaseSync } from "node:sqlite";
import type { ClaimRequest } from "../store.ts";
import type { Row } from "./row.ts";
import { leasedColumns, toLeased } from "./row.ts";
import type { Tallies } from "./tallies.ts";

export interface ClaimedRows {
  readonly rows: readonly Row[];
  readonly nextDueAt: number | null;
  readonly pending: number;
}

/** Delayed tasks that fall due in one go; more of them follow in the next claim, so no transaction grows long. */
const DUE_AT_ONCE = 500;

/**
 * Leases the next tasks of a lane. `INDEXED BY` is a promise to ourselves: with a million rows pending, the planner's
 * own choice claims 219 tasks a second and this index 54,000.
 */
export function prepareClaim(db: DatabaseSync, tallies: Tallies): (request: ClaimRequest) => ClaimedRows {
  const next = db.prepare(
    `SELECT ${leasedColumns("attempt + 1", "? AS started_at")} FROM task INDEXED BY task_ready CROSS JOIN request USING (seq)
      WHERE lane = ? AND state = 'pending' AND not_before IS NULL AND (start_before IS NULL OR start_before > ? OR attempt > 0)
      ORDER BY priority DESC, rank, task.seq LIMIT ?`,
  );
  next.setReturnArrays(true);
  const lease = db.prepare(
    `UPDATE task SET state = 'processing', reason = 'running', node = ?, epoch = epoch + 1, attempt = attempt + 1, started_at = ?
      WHERE seq = ?`,
  );
  const firstDelayed = db.prepare(
    "SELECT min(not_before) AS due FROM task INDEXED BY task_delayed WHERE lane = ? AND not_before IS NOT NULL",
  );
  const becomeDue = db.prepare(
    `UPDATE task SET not_before = NULL, reason = iif(reason = 'delayed', 'queued', reason) WHERE seq IN (
       SELECT seq FROM task INDEXED BY task_delayed WHERE lane = ? AND not_before <= ? ORDER BY not_before LIMIT ${DUE_AT_ONCE})
     RETURNING priority, rank`,
  );

  function bringIntoLine(lane: string, now: number): number | null {
    const dueAt = firstDelayed.get(lane)?.["due"] ?? null;
    if (dueAt === null || Number(dueAt) > now) return dueAt === null ? null : Number(dueAt);
    for (const row of becomeDue.all(lane, now))
      tallies.line(lane, Number(row["priority"]), Number(row["rank"]), 1);
    const following = firstDelayed.get(lane)?.["due"] ?? null;
    return following === null ? null : Number(following);
  }

  return ({ lane, node, limit, cap, now }) => {
    const nextDueAt = bringIntoLine(lane, now);
    const free = Math.min(limit, cap - tallies.get(lane, "in_flight"));
    const rows = free > 0 ? (next.all(node, now, lane, now, free) as unknown as Row[]) : [];
    for (const row of rows) {
      const { seq, priority, rank } = toLeased(row);
      lease.run(node, now, seq);
      tallies.line(lane, priority, rank, -1);
    }
    tallies.add(lane, "pending", -rows.length);
    tallies.add(lane, "processing", rows.length);
    tallies.add(lane, "in_flight", rows.length);
    return { rows, nextDueAt, pending: tallies.get(lane, "pending") };
  };
}
