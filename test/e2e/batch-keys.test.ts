// Batches and bulk calls of clients that have keys: each meets its own tasks.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { BatchView, Problem, Submitted } from "../rig/batch.ts";
import { post } from "../rig/batch.ts";
import { type Answer, call } from "../rig/client.ts";
import { startFlow } from "../rig/flow.ts";

const flow = await startFlow(
  { after },
  1,
  (target) => `
target: ${target}
max_concurrent: 1
keys:
  alice: {key: alice-0123456789abcdef, role: submit}
  bob: {key: bob-0123456789abcdefgh, role: submit}
  carol: {key: carol-0123456789abcdef, role: submit, quota: {rate: 3/m}}
  reader: {key: reader-0123456789abcdef, role: read}
`,
);
const { url } = flow;
const alice = ["Headgate-Key", "alice-0123456789abcdef"];
const bob = ["Headgate-Key", "bob-0123456789abcdefgh"];

function look(path: string, key: readonly string[]): Promise<Answer> {
  return call(url, { path, headers: key });
}

const requests = Array.from({ length: 3 }, (_, i) => ({
  path: `/hang/${i}`,
  headers: { Authorization: "Bearer target" },
}));

test("a batch and its tasks belong to who submitted it", async () => {
  const answer = await post(url, "/tasks/batch", { requests }, alice);
  assert.equal(answer.status, 202, answer.text);
  const { batch_id: id } = answer.json<Submitted>();
  await flow.targets[0]!.received(1);
  const foreign = await look(`/batches/${id}`, bob);
  const unknown = await look("/batches/01900000-0000-7000-8000-000000000000", bob);
  assert.deepEqual([foreign.status, foreign.text], [404, unknown.text]);
  assert.deepEqual((await look(`/tasks?batch=${id}`, bob)).json<{ count: number }>().count, 0);
  assert.deepEqual((await look("/tasks?client=alice", bob)).json<{ count: number }>().count, 0);
  assert.equal((await look(`/batches/${id}`, alice)).json<BatchView>().tasks["deleted"], 0);

  // Nothing of another's, and nothing of one's own in its place.
  const own = await post(url, "/tasks/batch", { requests: [{ path: "/hang/bob" }] }, bob);
  assert.equal(own.status, 202);
  for (const filter of [{ batch: id }, { client: "alice" }, { path: "/hang/1" }]) {
    const cancelled = await post(url, "/tasks/cancel", filter, bob);
    assert.equal(cancelled.json<{ matched: number }>().matched, 0, cancelled.text);
  }
  const all = (await post(url, "/tasks/cancel", { all: true }, bob)).json<{ cancelled: number }>();
  assert.equal(all.cancelled, 1);
  const mine = (await post(url, "/tasks/cancel", { all: true }, alice)).json<{ cancelled: number }>();
  assert.equal(mine.cancelled, 3);

  const retried = await post(url, "/tasks/retry", { batch: id, status: "cancelled" }, bob);
  assert.equal(retried.json<{ matched: number }>().matched, 0);
  assert.equal(flow.targets[0]!.seen[0]!.headers.includes("Bearer target"), true);
});

test("keys of one client mean nothing for another", async () => {
  const twice = await Promise.all(
    [alice, bob].map((key) =>
      post(url, "/tasks/batch", { requests: [{ path: "/ok" }] }, [...key, "Idempotency-Key", "shared"]),
    ),
  );
  const ids = twice.map((answer) => answer.json<Submitted>().batch_id);
  assert.equal(new Set(ids).size, 2);
});

test("who may not submit, or not so much, or not for another, stores nothing", async () => {
  const reader = ["Headgate-Key", "reader-0123456789abcdef"];
  assert.equal((await post(url, "/tasks/batch", { requests }, reader)).status, 403);
  assert.equal((await post(url, "/tasks/cancel", { all: true }, reader)).status, 403);
  assert.equal((await post(url, "/tasks/batch", { requests }, [])).status, 401);

  const named = { path: "/ok", headers: { "Headgate-Client": "bob" } };
  const forbidden = await post(url, "/tasks/batch", { requests: [{ path: "/ok" }, named] }, alice);
  const { field, index } = forbidden.json<Problem>();
  assert.deepEqual([forbidden.status, field, index], [403, "requests[1].headers.Headgate-Client", 1]);
  const smuggled = { path: "/ok", headers: { "Headgate-Key": "alice-0123456789abcdef" } };
  assert.equal((await post(url, "/tasks/batch", { requests: [smuggled] }, bob)).status, 400);

  const carol = ["Headgate-Key", "carol-0123456789abcdef"];
  const four = Array.from({ length: 4 }, () => ({ path: "/ok" }));
  const tooMany = await post(url, "/tasks/batch", { requests: four }, carol);
  assert.deepEqual([tooMany.status, tooMany.json<Problem>().field], [400, "requests"]);
  assert.match(tooMany.text, /at most 3 together/);
  const three = await post(url, "/tasks/batch", { requests: four.slice(1) }, carol);
  assert.equal(three.status, 202, three.text);
  assert.match(String(three.headers["ratelimit"]), /r=0/);
  const more = await post(url, "/tasks/batch", { requests: four.slice(2) }, carol);
  assert.equal(more.status, 429);
  assert.ok(Number(more.headers["retry-after"]) > 0);
  assert.equal((await look("/tasks?limit=100", carol)).json<{ count: number }>().count, 3);
});
