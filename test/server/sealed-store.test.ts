import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sealing } from "../../src/server/sealed-store.ts";
import { openSecrets } from "../../src/server/secrets.ts";
import { openStore } from "../../src/store/open.ts";
import type { OpenStore } from "../../src/store/store.ts";
import { isSealed, type Vault } from "../../src/task/vault.ts";
import { newTask } from "../store/rig.ts";

async function open(t: TestContext): Promise<{ readonly store: OpenStore; readonly vault: Vault }> {
  const inner = await openStore({ kind: "memory", folder: "", onFatal: assert.fail });
  t.after(() => inner.close());
  const { vault } = await openSecrets({ keyFile: null, secretHeaders: [] }, null);
  return { store: sealing(inner, vault), vault };
}

const HEADERS = ["Accept", "*/*", "Cookie", "s3cret"];

test("a request is stored sealed, whichever way it comes, and opened by the key alone", async (t) => {
  const { store, vault } = await open(t);
  const alone = withHeaders(newTask());
  await store.enqueue(alone, 10);
  const together = { ...withHeaders(newTask()), batch: "b" };
  const batch = { id: "b", client: "c", createdAt: 1, tasks: [together], dedupe: null };
  await store.batches.enqueue(batch, new Map([[together.lane, 10]]));
  for (const { id } of [alone, together]) {
    const headers = (await store.request(id))?.headers ?? [];
    assert.deepEqual([headers[1], isSealed(headers[3] as string)], ["*/*", true]);
    assert.deepEqual(vault.open(headers), HEADERS);
  }
});

test("an answer is stored sealed", async (t) => {
  const { store, vault } = await open(t);
  const task = newTask();
  await store.enqueue(task, 10);
  const now = task.createdAt;
  await store.renew("node", now + 60_000);
  const { tasks } = await store.claim({ lane: task.lane, node: "node", limit: 1, cap: 1, now });
  const [claimed] = tasks;
  assert.ok(claimed);
  await store.settle({
    to: "completed",
    lease: claimed.lease,
    reason: "completed",
    at: now,
    attempt: {
      number: 1,
      target: "http://t",
      startedAt: now,
      endedAt: now,
      outcome: "answered",
      status: 200,
      error: null,
    },
    error: null,
    response: { status: 200, headers: ["Set-Cookie", "s3cret", "ETag", "shown"], body: { kind: "empty" } },
  });
  const headers = (await store.response(task.id))?.headers ?? [];
  assert.deepEqual(
    headers.map((text) => isSealed(text)),
    [false, true, false, false],
  );
  assert.deepEqual(vault.open(headers), ["Set-Cookie", "s3cret", "ETag", "shown"]);
});

function withHeaders(task: ReturnType<typeof newTask>): ReturnType<typeof newTask> {
  return { ...task, request: { ...task.request, headers: HEADERS } };
}
