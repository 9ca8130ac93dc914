import type { DatabaseSync } from "node:sqlite";
import { toStorageError } from "./failure.ts";

/** Pages the WAL may hold before it is folded back into the file: rarer folding is faster, the price is disk (32 MB). */
const CHECKPOINT_PAGES = 8_000;

/**
 * Folds the WAL back into the file once it is long, or at once when `room` is needed: what is folded back is written over.
 *
 * SQLite's automatic checkpoint would do the same and swallow every error (`sqlite3WalDefaultHook`). After a failed fsync
 * the kernel may drop the pages and answer the next fsync with success; the WAL, which alone still has them, would then
 * be written over. Here a failure ends the process while the WAL is whole.
 */
export function prepareCheckpoint(db: DatabaseSync, folder: string): (room?: "room") => void {
  const measure = db.prepare("PRAGMA wal_checkpoint(NOOP)");
  const fold = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  return (room) => {
    if (room === undefined && Number(measure.get()?.["log"]) < CHECKPOINT_PAGES) return;
    try {
      fold.get();
    } catch (thrown) {
      const error = toStorageError(thrown, folder);
      // No room to grow the file: the WAL keeps what it holds, and the next checkpoint goes on.
      if (error.code !== "storage_full") throw error;
    }
  };
}
