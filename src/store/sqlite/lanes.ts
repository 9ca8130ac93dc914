import type { DatabaseSync } from "node:sqlite";

/** What was changed about lanes while running, as JSON. */

/** Null forgets it. */
export function prepareWriteLane(db: DatabaseSync): (lane: string, settings: string | null) => void {
  const write = db.prepare(
    "INSERT INTO lane_settings (lane, settings) VALUES (?, ?) ON CONFLICT DO UPDATE SET settings = excluded.settings",
  );
  const remove = db.prepare("DELETE FROM lane_settings WHERE lane = ?");
  return (lane, settings) => {
    if (settings === null) remove.run(lane);
    else write.run(lane, settings);
  };
}

export function prepareReadLanes(db: DatabaseSync): () => readonly (readonly [string, string])[] {
  const read = db.prepare("SELECT lane, settings FROM lane_settings ORDER BY lane");
  return () => read.all().map((row) => [String(row["lane"]), String(row["settings"])]);
}
