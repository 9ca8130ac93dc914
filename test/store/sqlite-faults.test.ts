// What the SQLite driver keeps when its process is killed, doubled, or asked for the impossible.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openWriter } from "../../src/store/sqlite/database.ts";
import { startChild } from "./child.ts";
import { newFolder, openFolder, refusal } from "./folders.ts";
import { assertTallied, claim, enqueueMany, finish, listAll, newTask } from "./rig.ts";

describe("durability", () => {
  test("rests on WAL and FULL, read back from the connection and from the file", () => {
    const path = join(newFolder(), "x.db");
    const db = openWriter(path);
    const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    assert.equal(pragma("journal_mode"), "wal");
    assert.equal(pragma("synchronous"), 2);
    assert.equal(pragma("busy_timeout"), 5_000);
    assert.equal(pragma("wal_autocheckpoint"), 0, "checkpoints are ours, because their errors matter");
    db.close();
    // Bytes 18 and 19 of the header: 2 for WAL (https://sqlite.org/fileformat2.html#file_format_version_numbers).
    assert.deepEqual([...readFileSync(path).subarray(18, 20)], [2, 2]);
  });

  test("survives SIGKILL at any instant: every acknowledged task is there, and counted", async (t) => {
    const folder = newFolder();
    const acknowledged: string[] = [];
    for (let round = 0; round < 10; round++) {
      const child = startChild(t, folder, [100, 5_000][round % 2]!);
      await child.said(2 + Math.floor(Math.random() * 1_000));
      child.process.kill("SIGKILL");
      const [opened, ...ids] = await child.ended();
      assert.equal(opened, "open", "the lock went with the process before");
      assert.ok(ids.length > 0);
      acknowledged.push(...ids);
    }
    const store = await openFolder(t, folder);
    const { tasks } = await listAll(store);
    const stored = new Set(tasks.map(({ id }) => id));
    assert.deepEqual(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    );
    assert.equal(stored.size, tasks.length);
    await assertTallied(store);
    const [last] = tasks;
    assert.equal((await store.find(last!.id))?.position, tasks.length, "places are counted right, too");
    await store.close();
  });
});

describe("the lock", () => {
  test("keeps a second one away, in this process or another, until the first is gone", async (t) => {
    const folder = newFolder();
    const first = await openFolder(t, folder);
    const refused = await refusal(t, folder);
    assert.equal(refused.code, "conflict");
    assert.match(refused.message, new RegExp(`Another Headgate uses the data folder ${folder}`));
    await first.enqueue(newTask(), 1);
    await first.close();

    const child = startChild(t, folder, 0);
    await child.said(1);
    assert.equal((await refusal(t, folder)).code, "conflict");
    child.process.kill("SIGKILL");
    assert.deepEqual(await child.ended(), ["open"]);
    const second = await openFolder(t, folder);
    assert.equal((await second.list({ limit: 5 })).tasks.length, 1);
    await second.close();
  });

  test("is not said to be held when it cannot be used", async (t) => {
    const folder = newFolder();
    writeFileSync(join(folder, "lock"), "something else ".repeat(1_000));
    assert.equal((await refusal(t, folder)).code, "storage_failed");
  });
});

describe("a call that is impossible", () => {
  test("fails alone; its neighbours in the transaction are stored", async (t) => {
    const store = await openFolder(t, newFolder());
    const [known] = await enqueueMany(store, 1);
    const running = (await claim(store)).tasks[0]!;
    const tasks = Array.from({ length: 40 }, () => newTask());
    const poisoned = new Map([
      [3, newTask({ priority: 10 })],
      [17, newTask({ id: known!.id })],
      [39, newTask({ timeoutMs: 0 })],
    ]);
    const all = tasks.map((task, index) => poisoned.get(index) ?? task);
    const [settled, ...answers] = await Promise.allSettled([
      finish(store, running),
      ...all.map((task) => store.enqueue(task, Infinity)),
    ]);
    assert.deepEqual(settled, { status: "fulfilled", value: true });
    const failed = answers.flatMap((answer, index) => (answer.status === "rejected" ? [index] : []));
    assert.deepEqual(failed, [3, 17, 39]);
    for (const answer of answers)
      if (answer.status === "rejected") assert.equal(answer.reason.code, "internal");
    const stored = await listAll(store);
    assert.deepEqual(stored.tasks.map(({ id }) => id).toReversed(), [
      known!.id,
      ...all.filter((_, index) => !poisoned.has(index)).map(({ id }) => id),
    ]);
    await assertTallied(store);
    await store.close();
  });
});

describe("closing", () => {
  test("finishes what was asked for and refuses what is asked later", async (t) => {
    const folder = newFolder();
    const store = await openFolder(t, folder);
    const last = enqueueMany(store, 300);
    await store.close();
    assert.equal((await last).length, 300);
    await assert.rejects(store.enqueue(newTask(), 1), { code: "shutting_down" });
    await assert.rejects(store.tally(), { code: "shutting_down" });
    await store.close();
    const again = await openFolder(t, folder);
    assert.equal((await listAll(again)).tasks.length, 300);
    await again.close();
  });
});
