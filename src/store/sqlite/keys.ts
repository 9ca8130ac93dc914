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
