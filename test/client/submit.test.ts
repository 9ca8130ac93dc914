// Handing a request over, once, however often it has to be sent for that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Headgate } from "../../client/client.ts";
import { HeadgateError } from "../../client/errors.ts";
import { inTurn, json, receipt, type Reply, startStandIn } from "../cli/stand-in.ts";

const KEY = "headgate-idempotency-key";

const brokenOff: Reply = (response) => {
  response.writeHead(202, { "Headgate-Task-Id": "t", "Content-Length": "100" });
  response.write('{"success": true,', () => response.destroy());
};

test("what breaks off is sent again under one key, also in the middle of the receipt", async (t) => {
  const lost: Reply = (response) => response.destroy();
  const server = await startStandIn(t, { "POST /x": inTurn(lost, brokenOff, receipt("t")) });
  const task = await new Headgate(server.url).submit("/x", { json: 1 });
  assert.deepEqual([task.id, task.receipt?.position], ["t", 4]);
  assert.equal(server.seen.length, 3);
  assert.equal(new Set(server.seen.map(({ headers }) => headers[KEY])).size, 1);
});

test("a form that is sent again is the same to the byte", async (t) => {
  const server = await startStandIn(t, { "POST /x": inTurn(brokenOff, receipt("t")) });
  const form = new FormData();
  form.set("file", new Blob(["content"]), "name.txt");
  await new Headgate(server.url).submit("/x", { body: form });
  const [first, second] = server.seen;
  assert.match(String(first?.headers["content-type"]), /^multipart\/form-data; boundary=/);
  assert.match(String(first?.body), /filename="name\.txt"[^]*content/);
  assert.deepEqual(
    [second?.body, second?.headers["content-type"]],
    [first?.body, first?.headers["content-type"]],
  );
});

test("a batch that breaks off is sent again under one key", async (t) => {
  const taken = json({ batch_id: "b", task_ids: ["t"] }, 202);
  const server = await startStandIn(t, { "POST /tasks/batch": inTurn(brokenOff, taken) });
  assert.equal((await new Headgate(server.url).batch([{ path: "/x" }])).id, "b");
  const [first, second] = server.seen.map(({ headers }) => headers["idempotency-key"]);
  assert.equal(first, second);
});

test("of a HEAD request only the header fields come back", async (t) => {
  const server = await startStandIn(t, { "HEAD /x": receipt("t") });
  const task = await new Headgate(server.url).submit("/x", { method: "HEAD" });
  assert.deepEqual([task.id, task.receipt?.position], ["t", null]);
});

test("a success of another service is no task", async (t) => {
  const server = await startStandIn(t, { "POST /x": json({ task_id: "t" }) });
  await assert.rejects(new Headgate(server.url).submit("/x"), HeadgateError);
  assert.equal(server.seen.length, 1);
});

test("a directive that no header field can hold is named before anything is sent", async (t) => {
  const server = await startStandIn(t, {});
  await assert.rejects(new Headgate(server.url).submit("/x", { labels: { team: "搜索" } }), {
    name: "TypeError",
    message: 'Headgate-Label: "team=搜索" cannot be sent as a header field.',
  });
  assert.equal(server.seen.length, 0);
});
