// A disk that is full, and one that fails.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { HeadgateError } from "../../src/lib/error.ts";
import { toStorageError } from "../../src/store/sqlite/failure.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { Callback, NewTask } from "../../src/task/task.ts";
import { startChild } from "./child.ts";
import { newFolder, openFolder } from "./folders.ts";
import { assertTallied, claim, enqueueMany, find, finish, listAll, newTask, START } from "./rig.ts";
import { withSmallDisk } from "./small-disk.ts";

const MIB = 1024 * 1024;
const LATER = START + 900_000_000;
const ROOM: ReadonlyMap<string, number> = new Map([["lane", 100_000]]);
const TOLD: Callback = {
  endpoint: null,
  url: "https://told.example/",
  on: ["completed", "failed", "cancelled"],
};

/** Enqueues until there is no room; answers those accepted and the one refused. */
async function enqueueUntilFull(store: OpenStore): Promise<{ accepted: NewTask[]; refused: NewTask }> {
  const accepted: NewTask[] = [];
  for (;;) {
    const task = newTask({
      callbacks: [TOLD],
      request: {
        method: "POST",
        path: "/",
        headers: [],
        body: { kind: "inline", bytes: new Uint8Array(20_000) },
      },
    });
    try {
      await store.enqueue(task, Infinity);
    } catch (error) {
      assert.equal((error as HeadgateError).code, "storage_full");
      return { accepted, refused: task };
    }
    accepted.push(task);
  }
}

describe("a full disk", () => {
  test("refuses new tasks; reading, cancelling, claiming, settling and deleting go on; space is noticed", (t) =>
    withSmallDisk(t, 40 * MIB, async ({ folder, fill, free }) => {
      const store = await openFolder(t, folder);
      try {
        await enqueueMany(store, 100, { callbacks: [TOLD] });
        fill(3 * MIB);
        const { refused } = await enqueueUntilFull(store);
        await assert.rejects(store.enqueue(newTask(), Infinity), { code: "storage_full" });
        assert.equal(await store.find(refused.id), null);
        assert.equal(await store.request(refused.id), null);
        await assertTallied(store);

        const { tasks } = await claim(store, { limit: 40 });
        assert.equal(tasks.length, 40);
        const mixed = await Promise.allSettled([
          ...tasks.map((task) => finish(store, task)),
          store.enqueue(refused, Infinity),
        ]);
        assert.deepEqual(
          mixed.map(({ status }) => status),
          [...tasks.map(() => "fulfilled"), "rejected"],
          "a new task spoils nothing",
        );
        const pending = (await store.list({ limit: 50, state: "pending" })).tasks;
        for (const { id } of pending) assert.equal((await store.cancel(id, 5))?.changed, true);
        assert.equal((await find(store, pending[0]!.id)).state, "cancelled");
        assert.equal((await store.remove(pending[1]!.id))?.removed, true);
        await assert.rejects(
          store.enqueue(newTask(), Infinity),
          { code: "storage_full" },
          "that room is not for new tasks",
        );

        const batch = { id: "b", client: "c", createdAt: 5, tasks: [newTask({ batch: "b" })], dedupe: null };
        await assert.rejects(store.batches.enqueue(batch, ROOM), { code: "storage_full" });
        const owed = await store.outbox.take(LATER, LATER + 1, 1_000);
        assert.equal(owed.deliveries.length, tasks.length + pending.length, "who is told is told");
        const attempt = { at: 5, durationMs: 5, status: 200, error: null };
        for (const { id } of owed.deliveries.slice(0, 20))
          assert.equal(await store.outbox.record(id, attempt, { state: "delivered" }), true);

        free();
        assert.notEqual(await store.enqueue(refused, Infinity), null);
        assert.ok(Array.isArray(await store.batches.enqueue(batch, ROOM)));
        await enqueueMany(store, 100);
        await assertTallied(store);
        fill(1 * MIB);
        await enqueueUntilFull(store);
        assert.equal((await claim(store, { limit: 1 })).tasks.length, 1, "and a second time");
        await assertTallied(store);
      } finally {
        await store.close();
      }
      const again = await openFolder(t, folder);
      await assertTallied(again);
      await again.close();
    }));

  test("that is too small for a reserve still loses nothing and recovers", (t) =>
    withSmallDisk(t, 3 * MIB, async ({ folder, fill, free }) => {
      fill(2 * MIB);
      const store = await openFolder(t, folder);
      try {
        const { accepted, refused } = await enqueueUntilFull(store);
        assert.ok(accepted.length > 0);
        await assertTallied(store);
        assert.equal((await store.find(accepted.at(-1)!.id))?.position, accepted.length);
        free();
        assert.notEqual(await store.enqueue(refused, Infinity), null);
        assert.equal((await claim(store, { limit: 1 })).tasks.length, 1);
        assert.equal((await listAll(store)).tasks.length, accepted.length + 1);
        await assertTallied(store);
      } finally {
        await store.close();
      }
    }));
});

describe("what a failed statement means", () => {
  test("a failed fsync is the end, however full the disk is; a failed write may be for want of room", (t) =>
    withSmallDisk(t, MIB, async ({ folder, fill }) => {
      // https://sqlite.org/rescode.html: SQLITE_IOERR_WRITE, _FSYNC, _DIR_FSYNC
      const meaning = (code: number): string =>
        toStorageError(Object.assign(new Error(), { errcode: code }), folder).code;
      assert.deepEqual(
        [778, 1034, 1290].map((code) => meaning(code)),
        ["storage_failed", "storage_failed", "storage_failed"],
      );
      fill(0);
      assert.deepEqual(
        [778, 1034, 1290].map((code) => meaning(code)),
        ["storage_full", "storage_failed", "storage_failed"],
      );
    }));
});

/** strace, told to fail some system calls; null, and the test skipped, where it cannot trace. */
function tracer(t: TestContext, ...options: readonly string[]): string[] | null {
  try {
    execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "pipe" });
    return ["strace", "-f", "-qq", "-o", "/dev/null", ...options];
  } catch {
    t.skip("strace is not installed or may not trace here");
    return null;
  }
}

describe("a disk that fails", () => {
  test("in one fsync of a commit: nothing is acknowledged from then on, and the process is told once", async (t) => {
    // Only the one: the kernel answers the next with success although the pages may be gone.
    const before = tracer(t, "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=30");
    if (before === null) return;
    const folder = newFolder();
    await (await openFolder(t, folder)).close();
    const lines = await startChild(t, folder, 100, before).ended();
    const fatal = lines.indexOf("fatal storage_failed");
    assert.ok(fatal > 0, lines.slice(-5).join("\n"));
    const after = lines.slice(fatal + 1);
    assert.deepEqual([...new Set(after)], ["rejected storage_failed", "refused afterwards"]);
    const ids = lines.slice(1, fatal).filter((line) => !line.startsWith("rejected"));
    assert.ok(ids.length > 0, "the commits before it were fine");

    const store = await openFolder(t, folder);
    const stored = new Set((await listAll(store)).tasks.map(({ id }) => id));
    assert.deepEqual(
      ids.filter((id) => !stored.has(id)),
      [],
    );
    await assertTallied(store);
    await store.close();
  });

  test("while the WAL is folded back: the process ends while the WAL is whole", async (t) => {
    const folder = newFolder();
    await (await openFolder(t, folder)).close();
    const path = join(folder, "headgate.db");
    const before = tracer(
      t,
      "-P",
      path,
      "-e",
      "trace=fdatasync,fsync",
      "-e",
      "inject=fdatasync,fsync:error=EIO:when=1",
    );
    if (before === null) return;
    const lines = await startChild(t, folder, 60_000, before).ended();
    assert.ok(lines.includes("fatal storage_failed"), lines.slice(-5).join("\n"));
    assert.ok(lines.includes("refused afterwards"));
    const ids = lines.filter((line) => /^[0-9a-f-]{36}$/.test(line));
    const store = await openFolder(t, folder);
    const stored = new Set((await listAll(store)).tasks.map(({ id }) => id));
    assert.deepEqual(
      ids.filter((id) => !stored.has(id)),
      [],
    );
    await store.close();
  });
});
