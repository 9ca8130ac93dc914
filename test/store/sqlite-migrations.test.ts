// Databases of earlier versions, with work in them.

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { migrate } from "../../src/store/sqlite/database.ts";
import { newFolder, openFolder } from "./folders.ts";
import { assertTallied, claim, enqueueMany, find, finish, idsOf, newTask, START } from "./rig.ts";

const MIGRATIONS = join(import.meta.dirname, "../../src/store/sqlite/migrations");

/** A data folder of the version that knew so many migrations. */
function databaseOf(...migrations: readonly string[]): { folder: string; db: DatabaseSync } {
  const [folder, known] = [newFolder(), newFolder()];
  for (const name of migrations) cpSync(join(MIGRATIONS, name), join(known, name));
  const db = new DatabaseSync(join(folder, "headgate.db"));
  migrate(db, known);
  return { folder, db };
}

describe("a database", () => {
  test("from before fair shares is brought up to date with its order, its places and its counts", async (t) => {
    const { folder, db } = databaseOf("0001_tasks.sql");
    // Of three clients in turn; each fourth is not due yet.
    db.exec(`
      INSERT INTO task (seq, id, lane, state, reason, priority, rank, client, method, path, request_bytes, timeout_ms,
                        max_attempts, idempotent, created_at, not_before)
        SELECT value, 'id' || value, 'lane', 'pending', iif(value % 4 = 0, 'delayed', 'queued'), 4, value,
               'client' || (value % 3), 'GET', '/', 0, 1, 1, 0, 1, iif(value % 4 = 0, ${START + 5}, NULL)
          FROM json_each('[${Array.from({ length: 40 }, (_, index) => index + 1).join()}]');
      INSERT INTO request (seq, headers) SELECT seq, '[]' FROM task;
      INSERT INTO tally VALUES ('lane', 'pending', 40), ('lane', 'total_accepted', 40);
      INSERT INTO backlog VALUES ('lane', 4, 0, 30)`);
    db.close();

    const store = await openFolder(t, folder);
    const older = Array.from({ length: 40 }, (_, index) => index + 1).filter((seq) => seq % 4 !== 0);
    const expected = older.map((seq) => `id${seq}`);
    assert.equal((await store.find(expected[17]!))?.position, 18);
    const [next] = await enqueueMany(store, 1, { client: "client1" });
    const [newcomer] = await enqueueMany(store, 1, { client: "new" });
    assert.equal((await store.find(newcomer!.id))?.position, 32);
    const { tasks } = await claim(store);
    assert.deepEqual(idsOf(tasks), [...expected, next!.id, newcomer!.id]);
    assert.equal((await claim(store, { now: START + 5 })).tasks.length, 10);
    await assertTallied(store);
    await store.close();
  });

  test("from before batches, keys and webhooks goes on with its tasks as they stood", async (t) => {
    const { folder, db } = databaseOf("0001_tasks.sql", "0002_flow.sql");
    const attempt = {
      number: 1,
      target: "http://t",
      startedAt: START + 1,
      endedAt: START + 2,
      outcome: "answered",
      status: 500,
      error: null,
    };
    db.exec(`
      INSERT INTO task (seq, id, lane, state, reason, priority, rank, client, method, path, labels, request_bytes, timeout_ms,
                        max_attempts, idempotent, created_at, not_before, start_before, started_at, completed_at, attempt,
                        attempts, node, epoch, response_status, response_bytes, weight)
        VALUES (1, 'done', 'lane', 'completed', 'completed', 4, 0, 'ann', 'GET', '/done', '{"k":"v"}', 0, 1000, 3, 1,
                ${START}, NULL, NULL, ${START + 1}, ${START + 2}, 1, '${JSON.stringify(attempt)}', NULL, 1, 200, 2, 1),
               (2, 'runs', 'lane', 'processing', 'running', 4, 0, 'bob', 'POST', '/runs', NULL, 5, 1001, 3, 0,
                ${START + 3}, NULL, NULL, ${START + 4}, NULL, 1, NULL, 'old', 7, NULL, NULL, 2),
               (3, 'stops', 'lane', 'cancelled', 'cancelled', 4, 0, 'bob', 'POST', '/stops', NULL, 0, 1002, 3, 0,
                ${START + 5}, NULL, NULL, ${START + 6}, ${START + 7}, 1, NULL, 'old', 8, NULL, NULL, 1),
               (4, 'waits', 'lane', 'pending', 'queued', 4, 0, 'ann', 'PUT', '/waits', NULL, 0, 1003, 3, 1,
                ${START + 8}, NULL, ${START + 900}, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, 1),
               (5, 'later', 'lane', 'pending', 'delayed', 4, 0, 'ann', 'PUT', '/later', NULL, 0, 1004, 3, 1,
                ${START + 9}, ${START + 50}, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, 1);
      INSERT INTO request (seq, headers, body) SELECT seq, '["Host","h' || seq || '"]', iif(seq = 2, x'6162636465', NULL) FROM task;
      INSERT INTO response (seq, status, headers, body) VALUES (1, 200, '[]', x'6f6b');
      INSERT INTO tally VALUES ('lane', 'pending', 2), ('lane', 'processing', 1), ('lane', 'completed', 1), ('lane', 'cancelled', 1),
        ('lane', 'in_flight', 2), ('lane', 'total_accepted', 5), ('lane', 'total_completed', 1), ('lane', 'total_cancelled', 1);
      INSERT INTO backlog VALUES ('lane', 4, 0, 1);
      INSERT INTO virtual_time VALUES ('lane', 4, 512);
      INSERT INTO share VALUES ('lane', 4, 'ann', 1, 1024, 0, 1);
      INSERT INTO lane_settings VALUES ('lane', '{"paused":true}');
      INSERT INTO node VALUES ('old', ${START})`);
    db.close();

    const store = await openFolder(t, folder);
    const { tasks } = await store.list({ limit: 9 });
    assert.deepEqual(
      tasks.map(({ id, state, batch, callbacks, progress }) => [id, state, batch, callbacks, progress]),
      [
        ["later", "pending", null, [], null],
        ["waits", "pending", null, [], null],
        ["stops", "cancelled", null, [], null],
        ["runs", "processing", null, [], null],
        ["done", "completed", null, [], null],
      ],
    );
    assert.deepEqual((await find(store, "done")).attempts, [attempt]);
    assert.equal((await store.response("done"))?.status, 200);
    await assertTallied(store, { lane: 2 });
    assert.deepEqual([...(await store.lanes.read())], [["lane", { paused: true }]]);
    assert.deepEqual(await store.fronts(), [{ lane: "lane", priority: 4, id: "waits", dueSince: START + 8 }]);
    assert.deepEqual(Object.fromEntries(await store.keys.countOpen()), { ann: 2, bob: 1 });

    const [lost] = await store.takeOver("new", START + 10, true);
    assert.deepEqual(lost?.lease, { taskId: "runs", node: "new", epoch: 8 });
    assert.equal(await store.progress.write("runs", 1, { percent: 5, message: null, at: START + 11 }), true);
    assert.equal(await finish(store, lost, START + 12), true);
    const told = newTask({
      callbacks: [{ endpoint: null, url: "https://told.example/", on: ["completed"] }],
    });
    assert.deepEqual(await store.enqueue(told, 10), { position: 2, pending: 3 });
    const claimed = (await claim(store, { now: START + 60 })).tasks;
    assert.deepEqual(idsOf(claimed), ["waits", told.id, "later"]);
    for (const task of claimed) await finish(store, task);
    const owed = (await store.outbox.list({ limit: 9 })).deliveries;
    assert.deepEqual(
      owed.map(({ taskId }) => taskId),
      [told.id],
    );
    assert.equal(await store.prune(START + 900_000, 10), 6);
    await assertTallied(store);
    await store.close();
  });
});
