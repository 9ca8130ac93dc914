import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HeadgateError } from "../../lib/error.ts";
import { isBusy } from "./failure.ts";

/** Opening the file: settings that durability rests on are set and read back, and the schema is brought up to date. */

const MIGRATIONS = join(import.meta.dirname, "migrations");

/** Older ones can corrupt a WAL when a checkpoint meets a commit (https://sqlite.org/wal.html#walresetbug). */
const OLDEST_SAFE_SQLITE = [3, 51, 3];

const WRITER_CACHE_KIB = 24 * 1024;
const READER_CACHE_KIB = 8 * 1024;

export function openWriter(path: string): DatabaseSync {
  refuseUnsafeSqlite();
  refuseNewerSchema(path);
  using opening = new DisposableStack();
  const db = opening.use(new DatabaseSync(path));
  db.exec("PRAGMA busy_timeout = 5000");
  if (path !== ":memory:") expectPragma(db, "journal_mode", "WAL", "wal");
  expectPragma(db, "synchronous", "FULL", 2);
  // `prepareCheckpoint` does it, because what SQLite does by itself swallows errors.
  db.exec("PRAGMA wal_autocheckpoint = 0");
  db.exec(`PRAGMA cache_size = -${WRITER_CACHE_KIB}`);
  db.exec("PRAGMA temp_store = MEMORY");
  migrate(db);
  opening.move();
  return db;
}

export function openReader(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec("PRAGMA busy_timeout = 5000");
  db.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}`);
  return db;
}

/**
 * Keeps a second process away from the same data: two programs that both believe they are the only node would recover
 * each other's running tasks. The lock is a file lock, so it is gone with the process however that ends.
 */
export function lockFolder(folder: string): DatabaseSync {
  using opening = new DisposableStack();
  const lock = opening.use(new DatabaseSync(join(folder, "lock"), { timeout: 0 }));
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (thrown) {
    if (!isBusy(thrown)) throw thrown;
    throw new HeadgateError("conflict", `Another Headgate uses the data folder ${folder}.`, {
      cause: thrown,
    });
  }
  opening.move();
  return lock;
}

function refuseUnsafeSqlite(): void {
  const version = process.versions["sqlite"] ?? "0";
  const parts = version.split(".").map(Number);
  for (const [index, least] of OLDEST_SAFE_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least) {
      throw new HeadgateError(
        "storage_failed",
        `SQLite ${version} is too old; ${OLDEST_SAFE_SQLITE.join(".")} or newer is needed.`,
      );
    }
  }
}

function expectPragma(db: DatabaseSync, name: string, setting: string, expected: unknown): void {
  db.exec(`PRAGMA ${name} = ${setting}`);
  const got = Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (got !== expected) {
    throw new HeadgateError(
      "storage_failed",
      `The database does not accept ${name} = ${setting} (it says ${String(got)}).`,
    );
  }
}

/** Applies the numbered SQL files that the database has not seen, each in one transaction with its number. */
export function migrate(db: DatabaseSync, folder: string = MIGRATIONS): void {
  const current = schemaVersion(db);
  for (const [index, name] of migrationsIn(folder).entries()) {
    const version = index + 1;
    if (Number.parseInt(name, 10) !== version)
      throw new HeadgateError("internal", `Migration ${name} is out of sequence.`);
    if (version <= current) continue;
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(readFileSync(join(folder, name), "utf8"));
      db.exec(`PRAGMA user_version = ${version}; COMMIT`);
    } catch (error) {
      // SQLite has ended it already when the disk failed.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
}

/**
 * Looks through a connection that cannot write: merely opening and closing another would set the journal mode and fold
 * back what a newer Headgate left in its WAL.
 */
function refuseNewerSchema(path: string): void {
  if (!existsSync(path)) return;
  using db = new DatabaseSync(path, { readOnly: true });
  const current = schemaVersion(db);
  const known = migrationsIn(MIGRATIONS).length;
  if (current <= known) return;
  throw new HeadgateError(
    "storage_failed",
    `The database has schema ${current}, made by a newer Headgate; this one knows ${known}. Nothing was changed.`,
  );
}

function migrationsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}
