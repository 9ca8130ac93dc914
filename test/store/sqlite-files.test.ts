// What the SQLite driver does with a file that another program made, or damaged.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import type { HeadgateError } from "../../src/lib/error.ts";
import { migrate, openWriter } from "../../src/store/sqlite/database.ts";
import { newFolder, openFolder, refusal } from "./folders.ts";
import { claim, enqueueMany, newTask } from "./rig.ts";

const MIGRATIONS = join(import.meta.dirname, "../../src/store/sqlite/migrations");

function hashOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    // The index of the WAL and the lock are for the processes that run, and say nothing to the next.
    .filter(({ name }) => !name.endsWith("-shm") && !name.startsWith("lock"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).length > 0);
  return Object.fromEntries(
    names.map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
}

function overwrite(path: string, bytes: Uint8Array, offset: number): void {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** A data folder as a killed process leaves it: with work in the WAL. */
async function leftByKill(t: TestContext, change: (db: DatabaseSync) => void): Promise<string> {
  const [folder, copy] = [newFolder(), newFolder()];
  await (await openFolder(t, folder)).close();
  const db = new DatabaseSync(join(folder, "headgate.db"));
  change(db);
  cpSync(folder, copy, { recursive: true });
  db.close();
  assert.ok(existsSync(join(copy, "headgate.db-wal")));
  return copy;
}

describe("the schema", () => {
  test("of a newer Headgate is refused without writing a byte", async (t) => {
    const folder = await leftByKill(t, (db) =>
      db.exec("CREATE TABLE of_tomorrow (x); PRAGMA user_version = 999"),
    );
    const before = hashOf(folder);
    assert.match((await refusal(t, folder)).message, /schema 999, made by a newer Headgate/);
    assert.match((await refusal(t, folder)).message, /schema 999/, "each time");
    assert.deepEqual(hashOf(folder), before);
  });

  test("is brought up to date, also from what is only in the WAL", async (t) => {
    const folder = await leftByKill(t, (db) => db.exec("CREATE TABLE mine (x)"));
    const store = await openFolder(t, folder);
    await store.enqueue(newTask(), 1);
    await store.close();
  });

  test("stays as it was when a migration fails", () => {
    const migrations = newFolder();
    writeFileSync(join(migrations, "0001_first.sql"), "CREATE TABLE first (x);");
    writeFileSync(
      join(migrations, "0002_second.sql"),
      "CREATE TABLE second (x); INSERT INTO first VALUES (1); INSERT INTO nowhere VALUES (1);",
    );
    using db = new DatabaseSync(join(newFolder(), "x.db"));
    assert.throws(() => migrate(db, migrations), /nowhere/);
    assert.deepEqual({ ...db.prepare("PRAGMA user_version").get() }, { user_version: 1 });
    assert.deepEqual(
      db
        .prepare("SELECT name FROM sqlite_master")
        .all()
        .map(({ name }) => name),
      ["first"],
    );
    assert.deepEqual(db.prepare("SELECT * FROM first").all(), []);
    assert.equal(db.isTransaction, false);
    writeFileSync(join(migrations, "0002_second.sql"), "CREATE TABLE second (x);");
    migrate(db, migrations);
    migrate(db, migrations);
    assert.deepEqual({ ...db.prepare("PRAGMA user_version").get() }, { user_version: 2 });
  });

  test("is numbered without a gap", () => {
    for (const [index, name] of readdirSync(MIGRATIONS).toSorted().entries()) {
      assert.match(name, new RegExp(`^${String(index + 1).padStart(4, "0")}_[a-z_]+\\.sql$`));
    }
  });

  test("refuses impossible rows", () => {
    using db = openWriter(join(newFolder(), "x.db"));
    const insert = (changes: Record<string, unknown>): void => {
      const row: Record<string, unknown> = {
        id: "i",
        lane: "l",
        state: "pending",
        reason: "queued",
        priority: 4,
        rank: 1,
        client: "c",
        method: "GET",
        path: "/",
        request_bytes: 0,
        timeout_ms: 1,
        max_attempts: 1,
        idempotent: 0,
        created_at: 1,
        ...changes,
      };
      const names = Object.keys(row);
      db.prepare(`INSERT INTO task (${names.join()}) VALUES (${names.map(() => "?").join()})`).run(
        ...(Object.values(row) as string[]),
      );
    };
    insert({});
    const impossible = [
      { state: "sleeping" },
      { priority: 10 },
      { priority: -1 },
      { completed_at: 5 },
      { state: "completed" },
      { state: "processing" },
      { node: "a" },
      { state: "completed", completed_at: 5, node: "a" },
      { state: "failed", completed_at: 5, not_before: 9 },
      { attempt: -1 },
      { timeout_ms: 0 },
      { max_attempts: 0 },
      { idempotent: 2 },
      { created_at: "noon" },
      {},
    ];
    for (const [index, changes] of impossible.entries()) {
      const id = index === impossible.length - 1 ? "i" : `i${index}`;
      assert.throws(() => insert({ id, ...changes }), /constraint|cannot store/, JSON.stringify(changes));
    }
  });
});

describe("a file that is no database, or a damaged one,", () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    "full of something else": (path) => writeFileSync(path, "not a database at all ".repeat(1_000)),
    "cut off": (path) => writeFileSync(path, readFileSync(path).subarray(0, 5_000)),
    "overwritten after its first page": (path) => {
      const bytes = readFileSync(path);
      overwrite(path, bytes.subarray(4_096).fill(0xff), 4_096);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`${name}, is refused and left as it is`, async (t) => {
      const folder = newFolder();
      const store = await openFolder(t, folder);
      await enqueueMany(store, 50);
      await store.close();
      damage(join(folder, "headgate.db"));
      const before = hashOf(folder);
      assert.equal((await refusal(t, folder)).code, "storage_failed");
      assert.deepEqual(hashOf(folder), before);
    });
  }

  test("found out while it is used, ends the process", async (t) => {
    const folder = newFolder();
    const first = await openFolder(t, folder);
    await enqueueMany(first, 400);
    await first.close();
    const path = join(folder, "headgate.db");
    const bytes = readFileSync(path);
    // Sparing the schema and the tables that are read at start.
    const table = new DatabaseSync(path, { readOnly: true });
    const root = Number(
      table.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'request'").get()?.["rootpage"],
    );
    table.close();
    overwrite(path, new Uint8Array(4_096).fill(0xff), (root - 1) * 4_096);

    const fatal: HeadgateError[] = [];
    const store = await openFolder(t, folder, (error) => fatal.push(error));
    const [task] = (await store.list({ limit: 1 })).tasks;
    const asked = await Promise.allSettled([
      store.request(task!.id),
      claim(store),
      store.enqueue(newTask(), Infinity),
    ]);
    assert.deepEqual(
      asked.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
    await assert.rejects(store.enqueue(newTask(), Infinity), { code: "storage_failed" });
    assert.deepEqual(
      fatal.map(({ code }) => code),
      ["storage_failed"],
      "told once",
    );
    await store.close();
    assert.equal(readFileSync(path).length, bytes.length);
  });
});
