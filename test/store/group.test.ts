// Group commit by itself, over a database that fails when it is told to.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createGroup } from "../../src/store/sqlite/group.ts";

interface Rig {
  readonly group: ReturnType<typeof createGroup>;
  /** What was committed. */
  stored(): unknown[];
  readonly log: string[];
  /** Thrown by the commits to come, one each. */
  readonly failures: Error[];
}

function rig(): Rig {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE kept (value CHECK (value <> 'bad'))");
  const insert = db.prepare("INSERT INTO kept VALUES (?)");
  const log: string[] = [];
  const failures: Error[] = [];
  const failing = new Proxy(db, {
    get(target, name) {
      if (name === "isTransaction") return target.isTransaction;
      return (sql: string): void => {
        log.push(sql);
        const failure = sql === "COMMIT" ? failures.shift() : undefined;
        if (failure !== undefined) throw failure;
        target.exec(sql);
      };
    },
  });
  const keep = (value: string): string => {
    insert.run(value);
    return `kept ${value}`;
  };
  const group = createGroup({
    db: failing,
    begin: "BEGIN IMMEDIATE",
    verbs: { enqueue: keep, settle: keep },
    flush: () => log.push("flush"),
    reload: () => log.push("reload"),
    makeRoom: () => log.push("make room"),
    isShort: () => false,
    folder: null,
  });
  const stored = (): unknown[] =>
    db
      .prepare("SELECT value FROM kept")
      .all()
      .map(({ value }) => value);
  return { group, stored, log, failures };
}

function sqliteError(code: number): Error {
  return Object.assign(new Error(`result ${code}`), { errcode: code });
}

test("calls share one commit", () => {
  const { group, log } = rig();
  assert.deepEqual(
    group([
      [1, "enqueue", ["a"]],
      [2, "settle", ["b"]],
    ]),
    [
      [1, null, "kept a"],
      [2, null, "kept b"],
    ],
  );
  assert.deepEqual(log, ["BEGIN IMMEDIATE", "flush", "COMMIT"]);
});

test("one that is impossible is found by halves, and the order of the others stays", () => {
  const { group, stored, log } = rig();
  const values = Array.from({ length: 64 }, (_, index) => (index === 37 ? "bad" : String(index)));
  const replies = group(values.map((value, index) => [index, "enqueue", [value]]));
  assert.deepEqual(
    replies.filter(([, error]) => error !== null).map(([id, error]) => [id, error?.code]),
    [[37, "internal"]],
  );
  assert.deepEqual(
    stored(),
    values.filter((value) => value !== "bad"),
  );
  assert.ok(log.filter((sql) => sql === "COMMIT").length <= 6, "a few commits, not one for each call");
});

test("after a commit that the disk failed, nothing is written or read again", () => {
  // SQLITE_IOERR_FSYNC, however full the disk is.
  const { group, log, failures } = rig();
  failures.push(sqliteError(1034));
  const [first] = group([[1, "enqueue", ["a"]]]);
  assert.equal(first?.[1]?.code, "storage_failed");
  const before = log.length;
  const [second] = group([[2, "settle", ["b"]]]);
  assert.equal(second?.[1]?.code, "storage_failed");
  assert.equal(log.length, before);
});

test("on a full disk the new are refused and the others tried once more", () => {
  const { group, stored, log, failures } = rig();
  failures.push(sqliteError(13));
  const replies = group([
    [1, "enqueue", ["a"]],
    [2, "settle", ["b"]],
    [3, "enqueue", ["c"]],
  ]);
  assert.deepEqual(
    replies.map(([id, error]) => [id, error?.code]),
    [
      [1, "storage_full"],
      [3, "storage_full"],
      [2, undefined],
    ],
  );
  assert.deepEqual(stored(), ["b"]);
  assert.deepEqual(
    log.filter((entry) => entry === "make room" || entry === "reload"),
    ["reload", "make room"],
  );
  failures.push(sqliteError(13), sqliteError(13));
  assert.equal(group([[4, "settle", ["d"]]])[0]?.[1]?.code, "storage_full", "no third time");
  assert.equal(group([[5, "enqueue", ["e"]]])[0]?.[1], null, "it may work again later");
});

test("a database that another program holds is not asked once for each call", () => {
  const log: string[] = [];
  const group = createGroup({
    db: {
      isTransaction: false,
      exec: (sql: string) => {
        log.push(sql);
        throw sqliteError(5);
      },
    } as unknown as DatabaseSync,
    begin: "BEGIN IMMEDIATE",
    verbs: {},
    flush: () => {},
    reload: () => {},
    makeRoom: () => {},
    isShort: () => false,
    folder: null,
  });
  assert.deepEqual(
    group([
      [1, "settle", []],
      [2, "settle", []],
    ]).map(([, error]) => error?.code),
    ["storage_busy", "storage_busy"],
  );
  assert.deepEqual(log, ["BEGIN IMMEDIATE"]);
});
