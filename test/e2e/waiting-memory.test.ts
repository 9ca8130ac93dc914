// What a client that waits costs the real program. `npm run bench -- waiting` measures all of it; here is what can be told
// without noise: what the main thread still holds when all that is garbage has gone.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { browserRequest, gather } from "../../bench/rig/crowd.ts";
import { heldBytes, readable } from "../../bench/rig/heap.ts";
import { eventually, stats } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

const CLIENTS = 1_000;
const WARM_UP = 200;
const BODY = JSON.stringify({ text: "x".repeat(1_000) });

/** Of it 3 KB are what node:http holds for a connection. With 20 KB for each, 5,000 would cost the 100 MB of the goal. */
const MOST_BYTES_EACH = 7_500;

test("a client that waits holds little of what it sent", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-heap-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "heap.json");
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, {
    target: target.url,
    args: ["--max-concurrent", "1", "--max-queue-size", String(WARM_UP + CLIENTS)],
    wrapper: readable(file),
  });
  const { href, host } = gateway.url;
  const post = (): string => browserRequest("POST /hang", host, ["Prefer: wait=60"], BODY);
  const pending = async (): Promise<number> => (await stats(gateway.url)).tasks.pending;

  const warmUp = await gather(href, WARM_UP, post);
  // One runs.
  await eventually(pending, (count) => count === WARM_UP - 1);
  await warmUp.leave();
  const before = await heldBytes(gateway.pid, file);
  const crowd = await gather(href, CLIENTS, post);
  await eventually(pending, (count) => count === WARM_UP + CLIENTS - 1);
  const each = ((await heldBytes(gateway.pid, file)) - before) / CLIENTS;
  assert.equal(crowd.answered(), 0, "all wait");
  crowd.assertComplete();
  await crowd.leave();
  assert.ok(each < MOST_BYTES_EACH, `${Math.round(each)} bytes are held for each`);
});
