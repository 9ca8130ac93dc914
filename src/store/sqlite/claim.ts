import type { DatabaseSync } from "node:sqlite";
import type { Reason } from "../../task/task.ts";
import type { ClaimRequest } from "../store.ts";
import type { Line, Waiting } from "./line.ts";
import { leasedColumns, toClaimedRow, toLeased } from "./row.ts";
import type { Tallies } from "./tallies.ts";
import type { Row, RowWithBytes } from "./value.ts";

export interface ClaimedRows {
  readonly rows: readonly Row[];
  readonly nextDueAt: number | null;
  readonly pending: number;
}

interface Delayed extends Waiting {
  readonly seq: number;
  readonly reason: Reason;
}

/** Delayed tasks that fall due in one go; more of them follow in the next claim, so no transaction grows long. */
const DUE_AT_ONCE = 500;

/**
 * Leases the next tasks of a lane. `INDEXED BY` is a promise to ourselves: with a million rows pending, the planner's
 * own choice claims 219 tasks a second and this index 54,000.
 */
export function prepareClaim(
  db: DatabaseSync,
  tallies: Tallies,
  line: Line,
): (request: ClaimRequest) => ClaimedRows {
  const next = db.prepare(
    `SELECT ${leasedColumns("attempt + 1", "? AS started_at")} FROM task INDEXED BY task_ready CROSS JOIN request USING (seq)
      WHERE lane = ? AND state = 'pending' AND not_before IS NULL AND (start_before IS NULL OR start_before > ? OR attempt > 0)
      ORDER BY priority DESC, rank, task.seq LIMIT ?`,
  );
  next.setReturnArrays(true);
  const lease = db.prepare(
    `UPDATE task SET state = 'processing', reason = 'running', node = ?, epoch = epoch + 1, attempt = attempt + 1, started_at = ?, progress = NULL
      WHERE seq = ?`,
  );
  const bringIntoLine = prepareBringIntoLine(db, line);

  return ({ lane, node, limit, cap, now }) => {
    const nextDueAt = bringIntoLine(lane, now);
    const free = Math.min(limit, cap - tallies.get(lane, "in_flight"));
    const rows = free > 0 ? (next.all(node, now, lane, now, free) as unknown as RowWithBytes[]) : [];
    for (const row of rows) {
      const task = toLeased(row);
      lease.run(node, now, task.seq);
      line.start(task);
    }
    tallies.add(lane, "pending", -rows.length);
    tallies.add(lane, "processing", rows.length);
    tallies.add(lane, "in_flight", rows.length);
    return { rows: rows.map(toClaimedRow), nextDueAt, pending: tallies.get(lane, "pending") };
  };
}

/** Those that fall due enter the line, in the order in which they do; answers when the next one will. */
function prepareBringIntoLine(db: DatabaseSync, line: Line): (lane: string, now: number) => number | null {
  const firstDelayed = db.prepare(
    "SELECT min(not_before) AS due FROM task INDEXED BY task_delayed WHERE lane = ? AND not_before IS NOT NULL",
  );
  const due = db.prepare(
    `SELECT seq, lane, priority, rank, client, weight, attempt, reason FROM task INDEXED BY task_delayed
      WHERE lane = ? AND not_before <= ? ORDER BY not_before LIMIT ${DUE_AT_ONCE}`,
  );
  const enter = db.prepare(
    "UPDATE task SET due_at = not_before, not_before = NULL, reason = 'queued', rank = ? WHERE seq = ?",
  );
  const comeBack = db.prepare("UPDATE task SET due_at = not_before, not_before = NULL WHERE seq = ?");

  return (lane, now) => {
    const dueAt = firstDelayed.get(lane)?.["due"] ?? null;
    if (dueAt === null || Number(dueAt) > now) return dueAt === null ? null : Number(dueAt);
    for (const task of due.all(lane, now) as unknown as Delayed[]) {
      if (task.reason === "delayed") {
        enter.run(line.enter(task), task.seq);
      } else {
        line.comeBack(task);
        comeBack.run(task.seq);
      }
    }
    const following = firstDelayed.get(lane)?.["due"] ?? null;
    return following === null ? null : Number(following);
  };
}
