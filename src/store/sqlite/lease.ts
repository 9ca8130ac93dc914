import type { DatabaseSync } from "node:sqlite";
import { prepareReadContent } from "./claim.ts";
import type { Row } from "./row.ts";
import { CLAIMED_COLUMNS } from "./row.ts";
import type { Tallies } from "./tallies.ts";

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
    `SELECT seq, lane, state FROM task INDEXED BY task_slot
      WHERE node IS NOT NULL
        AND iif(node = ?, ?, NOT EXISTS (SELECT 1 FROM node WHERE name = task.node AND lease_until > ?)) ORDER BY seq`,
  );
  const take = db.prepare(
    `UPDATE task SET node = ?, epoch = epoch + 1 WHERE seq = ? RETURNING ${CLAIMED_COLUMNS}`,
  );
  take.setReturnArrays(true);
  const freeSlot = db.prepare("UPDATE task SET node = NULL WHERE seq = ?");
  const readContent = prepareReadContent(db);

  return (node, now, ownToo) => {
    const rows: Row[] = [];
    for (const found of lost.all(node, ownToo ? 1 : 0, now)) {
      const seq = Number(found["seq"]);
      if (found["state"] === "processing") {
        const task = take.get(node, seq) as unknown as Row;
        rows.push([...task, ...readContent(seq)]);
      } else {
        freeSlot.run(seq);
        tallies.add(String(found["lane"]), "in_flight", -1);
      }
    }
    return rows;
  };
}
