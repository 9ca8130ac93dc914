// What holds a connection is bounded: clients that wait, and event streams, in all and for one client; and it is counted.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { call, eventually, outcome, submit } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { listen } from "../rig/sse.ts";
import { startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const { url } = await startGateway(owner, {
  target: target.url,
  args: ["--max-waiting", "4", "--max-streams", "2", "--trusted-proxies", "127.0.0.1"],
});

async function metric(name: string): Promise<number> {
  const { text } = await call(url, { path: "/metrics" });
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

test("clients that wait, streams and repeated requests are bounded and counted", async () => {
  const id = await submit(url, { path: "/slow/x" });
  const waiting = [
    call(url, { path: "/slow/y", headers: ["Prefer", "wait=50"] }),
    call(url, { path: `/task/${id}?wait=50` }),
  ];
  await eventually(
    () => metric("headgate_waiting_clients"),
    (count) => count === 2,
  );
  const receipt = await call(url, { path: "/slow/z", headers: ["Prefer", "wait=50"] });
  assert.deepEqual([receipt.status, receipt.headers["preference-applied"]], [202, undefined]);
  const batch = await call(url, {
    method: "POST",
    path: "/tasks/batch",
    headers: ["Content-Type", "application/json"],
    body: `{"requests": [{"path": "/slow/b"}]}`,
  });
  const { batch_id: batchId } = batch.json<{ batch_id: string }>();
  for (const path of [`/task/${id}?wait=50`, `/batches/${batchId}?wait=50`]) {
    const refused = await call(url, { path });
    assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, "5"], path);
    assert.equal(refused.json<{ code: string }>().code, "too_many_clients");
  }
  assert.equal((await call(url, { path: `/task/${id}` })).status, 200);

  const stream = await listen(url, "/events");
  assert.equal((await call(url, { path: `/task/${id}/events` })).status, 503);
  assert.equal(await metric("headgate_event_streams"), 1);
  // Half of all is for others.
  const another = { "X-Forwarded-For": "203.0.113.9" };
  const other = await listen(url, "/events", { headers: another });
  assert.equal(other.status, 200);
  const theirs = await call(url, { path: `/task/${id}?wait=0.01`, headers: Object.entries(another).flat() });
  assert.equal(theirs.status, 200);
  for (const each of [stream, other]) each.cut();
  await eventually(
    () => metric("headgate_event_streams"),
    (count) => count === 0,
  );

  target.release();
  const [answer, status] = await Promise.all(waiting);
  assert.deepEqual([answer?.status, answer?.headers["preference-applied"]], [200, "wait=50"]);
  assert.equal(status?.json<{ status: string }>().status, "completed");
  assert.equal(await metric("headgate_waiting_clients"), 0);
});

test("requests and batches that come again are counted", async () => {
  const key = ["Idempotency-Key", "k", "Content-Type", "application/json"];
  const body = `{"requests": [{"path": "/ok"}]}`;
  for (let i = 0; i < 3; i++) {
    await outcome(url, await submit(url, { path: "/ok", headers: key }));
    const batch = await call(url, { method: "POST", path: "/tasks/batch", headers: key, body });
    assert.equal(batch.status, 202, batch.text);
  }
  assert.equal(await metric('headgate_idempotent_replays_total{lane="default"}'), 2);
  assert.equal(await metric('headgate_idempotent_replays_total{lane="-"}'), 2);
});
