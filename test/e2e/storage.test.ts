// Disks that are full or broken.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { call, eventually, look, outcome, type ProblemView, run, stats, submit } from "../rig/client.ts";
import { type Owner, startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

/** A disk of its own, small enough to be filled. */
async function smallDisk(owner: Owner, megabytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  owner.after(async () => {
    execFileSync("umount", ["--lazy", folder]);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

const mayMount = process.getuid?.() === 0 && mountWorks();
function mountWorks(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
const needsMount = !mayMount && "needs the right to mount a tmpfs";
const needsStrace = !existsSync("/usr/bin/strace") && "apt-get install strace";

test(
  "a full disk: new tasks get 507, the rest goes on, and it recovers by itself",
  { skip: needsMount },
  async (t) => {
    const target = await startTarget();
    // The folder has to outlive the process.
    const dataDir = await smallDisk(t, 24);
    t.after(() => target.close());
    const gateway = await startGateway(t, { target: target.url, dataDir, args: ["--max-concurrent", "1"] });
    const { url } = gateway;
    const before = await run(url, { path: "/echo", body: "before" });
    const running = await submit(url, { path: "/slow", body: "running" });
    await target.received(2);
    const waiting = await submit(url, { path: "/ok", body: "waiting" });
    const cancelled = await submit(url, { path: "/ok", body: "to be cancelled" });

    const ballast = join(dataDir, "ballast");
    await assert.rejects(writeFile(ballast, Buffer.alloc(30_000_000)), { code: "ENOSPC" });
    const small = await eventually(
      () => call(url, { method: "POST", path: "/ok", body: "x".repeat(60_000) }),
      ({ status }) => status !== 202,
    );
    assert.ok([503, 507].includes(small.status), small.text);
    assert.equal(small.json<ProblemView>().code, "storage_full");
    const large = await call(url, { method: "POST", path: "/ok", body: "x".repeat(1_000_000) });
    assert.ok([503, 507].includes(large.status), large.text);
    assert.equal((await call(url, { path: "/healthz" })).status, 200);
    assert.deepEqual(await look(url, before.task_id), before);
    assert.equal((await call(url, { path: `/task/${before.task_id}/result` })).status, 200);
    const accepted = (await stats(url)).totals["accepted"]!;

    await rm(ballast);
    const again = await eventually(
      () => call(url, { method: "POST", path: "/ok", body: "after" }),
      ({ status }) => status === 202,
    );
    assert.equal((await stats(url)).totals["accepted"], accepted + 1);
    assert.equal((await call(url, { method: "POST", path: `/task/${cancelled}/cancel` })).status, 200);
    target.release();
    for (const id of [running, waiting, again.json().task_id])
      assert.equal((await outcome(url, id)).status, "completed");
    gateway.kill("SIGTERM");
    assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  },
);

test(
  "an attempt that ends while the disk is full is settled when there is room",
  { skip: needsMount },
  async (t) => {
    const target = await startTarget();
    const dataDir = await smallDisk(t, 24);
    t.after(() => target.close());
    const { url } = await startGateway(t, { target: target.url, dataDir });
    const id = await submit(url, { path: "/slow", body: "x" });
    await target.received(1);
    const ballast = join(dataDir, "ballast");
    await assert.rejects(writeFile(ballast, Buffer.alloc(30_000_000)), { code: "ENOSPC" });
    await eventually(
      () => call(url, { method: "POST", path: "/ok", body: "x".repeat(60_000) }),
      ({ status }) => status !== 202,
    );
    target.release();
    await eventually(
      () => target.atOnce.now,
      (now) => now === 0,
    );
    await rm(ballast);
    const task = await outcome(url, id);
    assert.equal(task.status, "completed");
    assert.equal(target.seen.filter(({ path }) => path === "/slow").length, 1);
  },
);

/** The disk breaks at this call of a thread: late enough for the start, soon enough under load. */
for (const [call, at] of [
  ["fdatasync,fsync", 40],
  ["pwrite64", 100],
] as const) {
  test(
    `EIO from ${call}: the process stops with 74 and a clear message; what it accepted is there afterwards`,
    { skip: needsStrace },
    async (t) => {
      const target = await startTarget();
      t.after(() => target.close());
      const gateway = await startGateway(t, { target: target.url });
      const kept = await run(gateway.url, { path: "/echo", body: "kept" });
      gateway.kill("SIGTERM");
      await gateway.exited;

      const broken = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        `trace=${call}`,
        "-e",
        `inject=${call}:error=EIO:when=${at}+`,
      ];
      await gateway.restart({ wrapper: broken });
      const accepted: string[] = [];
      let refusals = 0;
      for (let failed = false; !failed;) {
        const answers = await Promise.allSettled(
          Array.from({ length: 4 }, (_, i) =>
            submit(gateway.url, { method: "PUT", path: `/ok?n=${i}`, body: "x" }),
          ),
        );
        for (const answer of answers) {
          if (answer.status === "fulfilled") accepted.push(answer.value);
          else refusals += 1;
        }
        failed = refusals > 0;
      }
      assert.deepEqual(await gateway.exited, { code: 74, signal: null });
      assert.match(gateway.output, /headgate: the disk failed: /);

      await gateway.restart({ wrapper: [] });
      assert.deepEqual(await look(gateway.url, kept.task_id), kept);
      for (const id of accepted) assert.equal((await outcome(gateway.url, id)).status, "completed");
    },
  );
}

test("a database that is none: refuses to start with 74 and leaves it alone", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, { target: target.url });
  gateway.kill("SIGTERM");
  await gateway.exited;
  const path = join(gateway.dataDir, "headgate.db");
  await rm(`${path}-wal`, { force: true });
  await writeFile(path, "this is no database, but it may be somebody's only copy");
  gateway.spawn();
  assert.deepEqual(await gateway.exited, { code: 74, signal: null });
  assert.match(gateway.output, /cannot start: The database cannot be used/);
});
