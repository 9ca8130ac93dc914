import type { DatabaseSync } from "node:sqlite";

/** Keys that were made while running: name and JSON. */

export function prepareListKeys(db: DatabaseSync): () => readonly string[] {
  const read = db.prepare("SELECT key FROM access_key ORDER BY name");
  return () => read.all().map((row) => String(row["key"]));
}

export function prepareAddKey(db: DatabaseSync): (name: string, key: string) => boolean {
  const write = db.prepare("INSERT INTO access_key (name, key) VALUES (?, ?) ON CONFLICT DO NOTHING");
  return (name, key) => write.run(name, key).changes === 1;
}

export function prepareRemoveKey(db: DatabaseSync): (name: string) => boolean {
  const remove = db.prepare("DELETE FROM access_key WHERE name = ?");
  return (name) => remove.run(name).changes === 1;
}

export function prepareCountOpen(db: DatabaseSync): () => readonly (readonly [string, number])[] {
  // What runs is found by its slot, what waits by its state: no index has both.
  const count = db.prepare(
    `SELECT client, sum(count) AS count FROM (
       SELECT client, count(*) AS count FROM task INDEXED BY task_state WHERE state = 'pending' AND state <> 'processing' GROUP BY client
       UNION ALL
       SELECT client, count(*) FROM task INDEXED BY task_slot WHERE node IS NOT NULL AND state = 'processing' GROUP BY client
     ) GROUP BY client`,
  );
  return () => count.all().map((row) => [String(row["client"]), Number(row["count"])]);
}
