// Who asked is told: signed, once an id, for as long as it takes, and never where it may not be.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { call, eventually, outcome, submit } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { type Message, type Receiver, reply, startReceiver } from "../rig/receiver.ts";

const SECRET = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(24, 2).toString("base64")}`;

interface Stage extends Flow {
  readonly receiver: Receiver;
}

async function stage(t: TestContext, endpoints = "", more = ""): Promise<Stage> {
  const receiver = await startReceiver(t);
  const flow = await startFlow(
    t,
    1,
    (target) => `target: ${target}
max_attempts: 1
webhooks:
  secret: ${SECRET}
  allow: [127.0.0.0/8]
  timeout: 1s
  endpoints: {${endpoints.replaceAll("RECEIVER", receiver.url)}}
${more}`,
  );
  return { ...flow, receiver };
}

interface Told {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function verified({ headers, body }: Message, secret = SECRET): Told {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Told;
}

interface DeliveryView {
  readonly id: string;
  readonly state: string;
  readonly url: string;
  readonly tries: number;
  readonly log: readonly { readonly status: number | null; readonly error: string | null }[];
}

async function deliveries(url: URL, query = ""): Promise<readonly DeliveryView[]> {
  const answer = await call(url, { path: `/webhooks/deliveries${query}` });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<{ deliveries: DeliveryView[] }>().deliveries;
}

test("a client's URL gets one signed message about the end of its task", async (t) => {
  const { url, receiver } = await stage(t);
  const callback = ["Headgate-Callback", `${receiver.url}/done?token=t0k3n`, "Headgate-Label", "k=v"];
  const id = await submit(url, { path: "/api/x?q=secret", headers: callback, body: "hello" });
  const task = await outcome(url, id);
  const message = await receiver.received(1, "/done");
  const { type, timestamp, data } = verified(message);
  assert.equal(type, "task.completed");
  assert.equal(timestamp, task.completed_at);
  assert.match(String(message.headers["webhook-id"]), /^msg_/);
  assert.deepEqual(
    [data["task_id"], data["status"], data["path"], data["response_status"], data["labels"]],
    [id, "completed", "/api/x", 200, { k: "v" }],
  );
  assert.deepEqual([data["status_url"], data["result_url"]], [`/task/${id}`, `/task/${id}/result`]);
  const [delivery] = await eventually(
    () => deliveries(url, `?task=${id}`),
    ([each]) => each?.state === "delivered",
  );
  assert.equal(delivery?.id, message.headers["webhook-id"]);
  assert.doesNotMatch(JSON.stringify(delivery), /t0k3n/);
  assert.equal(receiver.messages.length, 1);
});

test("endpoints are told of what they want to know, with their own secret", async (t) => {
  const { url, receiver } = await stage(
    t,
    `all: {url: RECEIVER/all}, failures: {url: RECEIVER/failures, on: failed, secret: ${OTHER}}, none: {url: RECEIVER/none, on: []}`,
  );
  await outcome(url, await submit(url, { path: "/ok" }));
  await outcome(url, await submit(url, { path: "/status/500" }));
  const told = [await receiver.received(1, "/all"), await receiver.received(2, "/all")].map(
    (message) => verified(message).type,
  );
  assert.deepEqual(told.toSorted(), ["task.completed", "task.failed"]);
  const failure = verified(await receiver.received(1, "/failures"), OTHER);
  assert.deepEqual([failure.type, failure.data["response_status"]], ["task.failed", 500]);
  assert.equal(receiver.messages.length, 3);
});

test("a receiver that fails is tried again with the same bytes and id; a redirect is a failure", async (t) => {
  const { url, receiver } = await stage(t);
  receiver.next("/flaky", reply(500), reply(302, { Location: "/elsewhere" }));
  const id = await submit(url, { path: "/x", headers: ["Headgate-Callback", `${receiver.url}/flaky`] });
  const first = await receiver.received(1, "/flaky");
  const [delivery] = await eventually(
    () => deliveries(url, `?task=${id}`),
    ([each]) => (each?.log.length ?? 0) >= 1,
  );
  assert.deepEqual(delivery?.log[0], { ...delivery?.log[0], status: 500, error: "It answered 500." });
  // The second try is due in five seconds; a delivery that has ended is sent again at once.
  const second = await receiver.received(2, "/flaky");
  assert.equal(second.body, first.body);
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  verified(second);
  const [after] = await eventually(
    () => deliveries(url, `?task=${id}`),
    ([each]) => (each?.log.length ?? 0) >= 2,
  );
  assert.match(String(after?.log[1]?.error), /redirects \(302\)/);
  assert.ok(!receiver.messages.some(({ path }) => path === "/elsewhere"));
});

test("410 ends it for that URL; redelivery and enabling bring it back", async (t) => {
  const { url, receiver } = await stage(t, "ops: {url: RECEIVER/ops}");
  receiver.next("/ops", reply(410));
  const id = await submit(url, { path: "/x" });
  const [gone] = await eventually(
    () => deliveries(url, `?task=${id}`),
    ([each]) => each?.state === "failed",
  );
  const later = await submit(url, { path: "/y" });
  await outcome(url, later);
  const [refused] = await eventually(
    () => deliveries(url, `?task=${later}`),
    ([each]) => each !== undefined && each.state !== "pending",
  );
  assert.deepEqual([refused?.state, refused?.log[0]?.status], ["failed", null]);
  assert.match(String(refused?.log[0]?.error), /410/);
  const endpoints = await call(url, { path: "/webhooks/endpoints" });
  assert.match(endpoints.text, /"gone_since":"2/);
  const enabled = await call(url, { method: "POST", path: "/webhooks/endpoints/ops/enable" });
  assert.equal(enabled.status, 200);
  const again = await call(url, { method: "POST", path: `/webhooks/deliveries/${gone?.id}/redeliver` });
  assert.equal(again.status, 202, again.text);
  const second = await receiver.received(2, "/ops");
  assert.equal(second.headers["webhook-id"], gone?.id);
  await outcome(url, await submit(url, { path: "/z" }));
  await receiver.received(3, "/ops");
});

test("a hanging receiver holds up neither tasks nor other receivers", async (t) => {
  const { url, receiver } = await stage(t);
  const silent = await startReceiver(t);
  silent.next("/", ...Array.from({ length: 40 }, () => () => {}));
  for (let i = 0; i < 20; i++) {
    await submit(url, { path: "/x", headers: ["Headgate-Callback", `${silent.url}/`] });
  }
  const id = await submit(url, { path: "/x", headers: ["Headgate-Callback", `${receiver.url}/quick`] });
  assert.equal((await outcome(url, id)).status, "completed");
  verified(await receiver.received(1, "/quick"));
  const [hung] = await eventually(
    () => deliveries(url, "?state=pending&limit=200"),
    (all) => all.some(({ log }) => log.length > 0),
  );
  assert.ok(hung);
});

test("what was owed when the process was killed is sent by the next", async (t) => {
  const { url, receiver, gateway } = await stage(t);
  receiver.next("/late", reply(503));
  const id = await submit(url, { path: "/x", headers: ["Headgate-Callback", `${receiver.url}/late`] });
  const first = await receiver.received(1, "/late");
  await eventually(
    () => deliveries(url, `?task=${id}`),
    ([each]) => (each?.log.length ?? 0) >= 1,
  );
  gateway.kill("SIGKILL");
  await gateway.exited;
  await gateway.restart();
  const second = await receiver.received(2, "/late");
  assert.equal(second.headers["webhook-id"], first.headers["webhook-id"]);
  assert.equal(verified(second).data["task_id"], id);
});

test("what stands for no address that may be called is not called, and only the server's log says why", async (t) => {
  const { url, gateway } = await stage(t);
  const callback = ["Headgate-Callback", "http://nowhere.invalid:9/steal"];
  const id = await submit(url, { path: "/x", headers: callback });
  const [delivery] = await eventually(
    () => deliveries(url, `?task=${id}`),
    ([each]) => (each?.log.length ?? 0) > 0,
  );
  assert.match(String(delivery?.log[0]?.error), /not known, or is no address that may be called/);
  await eventually(
    async () => gateway.log.find(({ msg }) => msg === "webhook is tried again later"),
    (line) => /nowhere\.invalid/.test(String(line?.["error"])),
  );
});

test("bad callbacks are refused with their name, and nothing is kept", async (t) => {
  const { url, gateway } = await stage(t);
  const large = Buffer.alloc(200_000);
  for (const value of [
    "nowhere",
    "ftp://x/",
    "http://u:p@x/",
    "http://[::1]:9/",
    "http://10.1/",
    `http://x/${"a".repeat(2_048)}`,
  ]) {
    const headers = ["Headgate-Callback", value];
    const answer = await call(url, { method: "POST", path: "/x", headers, body: large });
    assert.equal(answer.status, 400);
    assert.equal(answer.json<{ field: string }>().field, "Headgate-Callback");
  }
  assert.deepEqual(await readdir(join(gateway.dataDir, "bodies")), []);
  const plain = await startFlow(t, 1, (target) => `target: ${target}`);
  const answer = await call(plain.url, {
    method: "POST",
    path: "/x",
    headers: ["Headgate-Callback", "http://x/"],
    body: large,
  });
  assert.match(answer.text, /webhooks\.secret/);
  assert.deepEqual(await readdir(join(plain.gateway.dataDir, "bodies")), []);
});

test("an endpoint can be tried out", async (t) => {
  const { url, receiver } = await stage(
    t,
    "ops: {url: RECEIVER/ops, on: []}, chat: {url: RECEIVER/chat, format: slack, on: []}",
  );
  for (const name of ["ops", "chat"]) {
    const answer = await call(url, { method: "POST", path: `/webhooks/endpoints/${name}/test` });
    assert.equal(answer.status, 202, answer.text);
  }
  assert.equal(verified(await receiver.received(1, "/ops")).type, "test");
  assert.match((await receiver.received(1, "/chat")).body, /^\{"text":"\*Headgate: A test\*/);
  assert.equal((await call(url, { method: "POST", path: "/webhooks/endpoints/nope/test" })).status, 404);
});
