import type { DatabaseSync } from "node:sqlite";
import { leasedColumns, toClaimedRow, toLeased } from "./row.ts";
import type { Tallies } from "./tallies.ts";
import type { Row, RowWithBytes } from "./value.ts";

/** A node's lease covers all its attempts: one row is renewed, however many tasks it runs and however long they take. */
export function prepareRenew(db: DatabaseSync): (node: string, leaseUntil: number) => readonly string[] {
  const write = db.prepare(
    "INSERT INTO node (name, lease_until) VALUES (?, ?) ON CONFLICT DO UPDATE SET lease_until = excluded.lease_until",
  );
  const cancelled = db.prepare(
    "SELECT id FROM task INDEXED BY task_slot WHERE node = ? AND state = 'cancelled'",
  );
  return (node, leaseUntil) => {
    write.run(node, leaseUntil);
    return cancelled.all(node).map((row) => String(row["id"]));
  };
}

/** Attempts whose node is gone come to `node`, under a new epoch: whatever the old one still says is refused. */
export function prepareTakeOver(
  db: DatabaseSync,
  tallies: Tallies,
): (node: string, now: number, ownToo: boolean) => readonly Row[] {
  const lost = db.prepare(
    `SELECT ${leasedColumns("attempt", "started_at")} FROM task INDEXED BY task_slot CROSS JOIN request USING (seq)
      WHERE node IS NOT NULL
        AND iif(task.node = ?, ?, NOT EXISTS (SELECT 1 FROM node WHERE name = task.node AND lease_until > ?)) ORDER BY task.seq`,
  );
  lost.setReturnArrays(true);
  const take = db.prepare("UPDATE task SET node = ?, epoch = epoch + 1 WHERE seq = ?");
  const freeSlot = db.prepare("UPDATE task SET node = NULL WHERE seq = ?");

  return (node, now, ownToo) => {
    const rows = lost.all(node, node, ownToo ? 1 : 0, now) as unknown as RowWithBytes[];
    const taken = rows.filter((row) => {
      const { seq, state, lane } = toLeased(row);
      if (state === "processing") {
        take.run(node, seq);
        return true;
      }
      freeSlot.run(seq);
      tallies.add(lane, "in_flight", -1);
      return false;
    });
    return taken.map(toClaimedRow);
  };
}
