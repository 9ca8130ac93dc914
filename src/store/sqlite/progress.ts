import type { DatabaseSync } from "node:sqlite";

/** What a target says of an attempt counts as long as that runs. */
export function prepareWriteProgress(
  db: DatabaseSync,
): (id: string, attempt: number, progress: string) => boolean | null {
  const write = db.prepare(
    "UPDATE task SET progress = ? WHERE id = ? AND state = 'processing' AND attempt = ?",
  );
  const find = db.prepare("SELECT 1 FROM task WHERE id = ?");
  return (id, attempt, progress) => {
    if (write.run(progress, id, attempt).changes === 1) return true;
    return find.get(id) === undefined ? null : false;
  };
}
