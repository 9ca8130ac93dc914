// Full means told: before the body is read, with a time to come back; what was accepted is kept.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { call, eventually, outcome, type ProblemView, stats, submit } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { connectRaw } from "../rig/raw-client.ts";
import { startTarget } from "../rig/target.ts";

test("a full queue: 503 with Retry-After before the body is read; reading and cancelling go on; then it takes again", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const { url, dataDir } = await startGateway(t, {
    target: target.url,
    args: ["--max-concurrent", "1", "--max-queue-size", "3"],
  });
  const ids = [await submit(url, { path: "/slow" })];
  await target.received(1);
  for (let i = 0; i < 3; i++) ids.push(await submit(url, { path: "/ok" }));

  // A body is announced and never sent.
  const client = await connectRaw(Number(url.port));
  await client.send("POST /ok HTTP/1.1\r\nHost: h\r\nContent-Length: 50000000\r\n\r\n");
  const answer = await client.answer();
  client.socket.destroy();
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const problem = JSON.parse(answer.body) as ProblemView;
  assert.deepEqual([problem.code, problem.success], ["queue_full", false]);

  const refused = await Promise.all(
    Array.from({ length: 20 }, () => call(url, { method: "POST", path: "/ok", body: "x".repeat(200_000) })),
  );
  assert.ok(refused.every(({ status }) => status === 503));
  assert.deepEqual(await stats(url).then(({ tasks }) => [tasks.processing, tasks.pending]), [1, 3]);
  assert.equal((await call(url, { method: "POST", path: `/task/${ids[3]}/cancel` })).status, 200);
  ids[3] = await submit(url, { path: "/ok" });

  target.release();
  for (const id of ids) assert.equal((await outcome(url, id)).status, "completed");
  assert.equal(target.seen.length, 4);
  assert.deepEqual(await readdir(join(dataDir, "bodies")), []);
});

test("a body that is too large: 413, by its announced length at once, else when it becomes too long; nothing is left", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const { url, dataDir } = await startGateway(t, { target: target.url, args: ["--max-body", "100KiB"] });
  const announced = await connectRaw(Number(url.port));
  await announced.send("POST /ok HTTP/1.1\r\nHost: h\r\nContent-Length: 102401\r\n\r\n");
  assert.equal((await announced.answer()).status, 413);
  announced.socket.destroy();

  const chunked = await connectRaw(Number(url.port));
  const chunk = `8000\r\n${"x".repeat(0x8000)}\r\n`;
  chunked
    .send(`POST /ok HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}`)
    .catch(() => {});
  assert.equal((await chunked.answer()).status, 413);
  chunked.socket.destroy();

  assert.equal((await call(url, { method: "POST", path: "/ok", body: "x".repeat(102_400) })).status, 202);
  await target.received(1);
  await eventually(
    async () => (await readdir(join(dataDir, "bodies"))).length,
    (count) => count === 1,
  );
  assert.equal(await stats(url).then(({ totals }) => totals["accepted"]), 1);
});

test("a client that leaves while it sends: no task, no file", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const { url, dataDir } = await startGateway(t, { target: target.url });
  for (const leave of ["vanish", "end"] as const) {
    const client = await connectRaw(Number(url.port));
    await client.send(
      `POST /ok HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(300_000)}`,
    );
    await eventually(
      async () => (await readdir(join(dataDir, "bodies"))).length,
      (count) => count === 1,
    );
    await client[leave]();
    await eventually(
      async () => (await readdir(join(dataDir, "bodies"))).length,
      (count) => count === 0,
    );
    client.socket.destroy();
  }
  const { tasks, totals } = await stats(url);
  assert.equal(totals["accepted"], 0);
  assert.equal(tasks.pending + tasks.processing + tasks.completed + tasks.failed, 0);
  assert.equal(target.seen.length, 0);
});
