// People are told when something is wrong, in what their chat takes, once; and when it is over.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { status } from "../rig/behaviour.ts";
import { call, eventually, outcome, submit } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { type Message, type Receiver, startReceiver } from "../rig/receiver.ts";
import { freePort } from "../rig/service.ts";
import { startTarget } from "../rig/target.ts";

const SECRET = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const ROBOT = "SEC0123456789abcdef";

interface Stage extends Flow {
  readonly receiver: Receiver;
  /** The file with other alerts. */
  file(alerts: string): string;
}

async function stage(t: TestContext, alerts: string, args: readonly string[] = []): Promise<Stage> {
  const receiver = await startReceiver(t);
  let target = "";
  const file = (rules: string): string => `
max_attempts: 1
targets: { pool: { urls: [${target}], circuit: { failures: 2, open: 1s } } }
routes:
  - { match: /api/**, target: pool, name: api, queue: 10 }
  - { match: /other/**, target: pool, name: other }
webhooks:
  secret: ${SECRET}
  allow: [127.0.0.0/8]
  endpoints:
    ops: { url: "${receiver.url}/ops", on: [] }
    slack: { url: "${receiver.url}/slack", on: [], format: slack }
    dingtalk: { url: "${receiver.url}/dingtalk?access_token=t", on: [], format: dingtalk, secret: ${ROBOT} }
    feishu: { url: "${receiver.url}/feishu", on: [], format: feishu, secret: ${ROBOT} }
    wecom: { url: "${receiver.url}/wecom?key=k", on: [], format: wecom }
alerts:
${rules}`;
  const first = (url = ""): string => {
    target = url;
    return file(alerts);
  };
  // A target that is lost comes back on a port that nobody else was given meanwhile.
  const flow = await startFlow(t, 1, first, args, [await freePort()]);
  return { ...flow, receiver, file };
}

interface Alert {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly subject: Readonly<Record<string, string>> };
}

function verified({ headers, body }: Message): Alert {
  return new Webhook(SECRET).verify(body, headers as Record<string, string>) as Alert;
}

test("a failed task is told to every kind of receiver, as each takes it", async (t) => {
  const { url, receiver, gateway, targets } = await stage(
    t,
    "  - { name: failed, when: { task_failed: true }, notify: [ops, slack, dingtalk, feishu, wecom] }",
  );
  targets[0]!.next(status(500));
  const id = await submit(url, { path: "/api/x?secret=1" });
  assert.equal((await outcome(url, id)).status, "failed");
  const { type, data } = verified(await receiver.received(1, "/ops"));
  assert.equal(type, "alert.raised");
  const message = "The target answered with status 500.";
  assert.deepEqual(
    [data["rule"], data.subject, data["failed"], data["last"]],
    ["failed", { kind: "route", name: "api" }, 1, { task_id: id, reason: "target_error", error: message }],
  );
  const bodyOf = async (path: string): Promise<unknown> =>
    JSON.parse((await receiver.received(1, path)).body) as unknown;
  const title = "Headgate: A task of api failed";
  const lines = ["Reason: target_error", `Error: ${message}`, `Task: ${id}`, "Rule: failed"];
  assert.deepEqual(await bodyOf("/slack"), { text: [`*${title}*`, ...lines].join("\n") });
  const marked = [`### ${title}`, ...lines.map((line) => `> ${line}`)];
  assert.deepEqual(await bodyOf("/dingtalk"), {
    msgtype: "markdown",
    markdown: { title, text: marked.join("\n\n") },
  });
  assert.deepEqual(await bodyOf("/wecom"), {
    msgtype: "markdown",
    markdown: { content: marked.join("\n") },
  });
  const { timestamp, sign, ...feishu } = (await bodyOf("/feishu")) as Readonly<Record<string, unknown>>;
  const content = lines.map((text) => [{ tag: "text", text }]);
  assert.deepEqual(feishu, { msg_type: "post", content: { post: { zh_cn: { title, content } } } });
  const key = `${String(timestamp)}\n${ROBOT}`;
  assert.equal(sign, createHmac("sha256", key).update("").digest("base64"));
  await eventually(
    () => gateway.log,
    (lines) => lines.some(({ msg, rule }) => msg === "alert" && rule === "failed"),
  );
  assert.equal(receiver.messages.length, 5, "no endpoint is told of the task itself");
});

test("a target that is lost, and is back", async (t) => {
  const { url, receiver, targets } = await stage(
    t,
    "  - { name: down, when: { target_down: true }, notify: [ops], repeat: 1s }",
  );
  const port = Number(targets[0]!.url.port);
  await targets[0]!.close();
  await Promise.all([1, 2, 3].map((i) => submit(url, { path: `/api/${i}` })));
  const lost = verified(await receiver.received(1, "/ops"));
  assert.deepEqual(
    [lost.type, lost.data["rule"], lost.data.subject, lost.data["last_failure"]],
    [
      "alert.raised",
      "down",
      { kind: "target", name: `http://127.0.0.1:${port}`, pool: "pool" },
      "connection_refused",
    ],
  );
  const back = await startTarget({ port });
  t.after(() => back.close());
  const types = await eventually(
    async () => receiver.messages.map((message) => verified(message).type),
    (all) => all.at(-1) === "alert.resolved",
  );
  assert.deepEqual(new Set(types.slice(0, -1)), new Set(["alert.raised"]));
});

test("a queue that stands still is too old and too full until it moves", async (t) => {
  const { url, receiver } = await stage(
    t,
    `  - { name: old, when: { queue_older: 1s }, routes: [api], notify: [ops], repeat: 2s }
  - { name: full, when: { queue_fuller: 50% }, notify: [slack], repeat: 2s }`,
  );
  await call(url, { method: "POST", path: "/lanes/api/pause" });
  const ids: string[] = [];
  for (let i = 0; i < 6; i++) ids.push(await submit(url, { path: `/api/${i}` }));
  const { data } = verified(await receiver.received(1, "/ops"));
  assert.deepEqual(
    [data["rule"], data["task_id"], data["waiting_for"], data["limit_seconds"]],
    ["old", ids[0], "paused", 1],
  );
  assert.match((await receiver.received(1, "/slack")).body, /The queue of api is 60% full/);
  await call(url, { method: "POST", path: "/lanes/api/resume" });
  const ends = (path: string, words: RegExp): Promise<unknown> =>
    eventually(
      async () => receiver.messages.findLast((message) => message.path === path),
      (last) => words.test(String(last?.body)),
    );
  await ends("/ops", /"alert\.resolved"/);
  await ends("/slack", /no more than 50% full again/);
});

test("a rule that a reload brings is in force at once; its failure rate says how many", async (t) => {
  const { url, receiver, gateway, targets, file } = await stage(t, "  []", ["--locale", "zh"]);
  await gateway.rewrite(
    file(
      "  - { name: rate, when: { failure_rate: { above: 20%, window: 1m, at_least: 4 } }, notify: [ops, wecom] }",
    ),
  );
  await eventually(
    async () => gateway.log.some((line) => JSON.stringify(line["alerts_added"]) === '["rate"]'),
    Boolean,
  );
  targets[0]!.next(status(500), status(404));
  for (let i = 0; i < 4; i++) await outcome(url, await submit(url, { path: "/other/x" }));
  const { data } = verified(await receiver.received(1, "/ops"));
  assert.deepEqual([data.subject["name"], data["failed"], data["ended"]], ["other", 2, 4]);
  assert.match((await receiver.received(1, "/wecom")).body, /任务失败率为 50%/);
});

test("a chat that answers 200 and refuses did not get it, and the log of deliveries says why", async (t) => {
  const { url, receiver, targets } = await stage(
    t,
    "  - { name: failed, when: { task_failed: true }, notify: [dingtalk] }",
  );
  const refusal = '{"errcode":310000,"errmsg":"sign not match"}';
  receiver.next(
    "/dingtalk",
    ...Array.from({ length: 5 }, () => (response: ServerResponse) => response.end(refusal)),
  );
  targets[0]!.next(status(500));
  await outcome(url, await submit(url, { path: "/api/x" }));
  const { deliveries } = await eventually(
    async () =>
      (await call(url, { path: "/webhooks/deliveries?endpoint=dingtalk" })).json<{
        deliveries: readonly { state: string; log: readonly { status: number; error: string }[] }[];
      }>(),
    ({ deliveries: [first] }) => (first?.log.length ?? 0) > 0,
  );
  const { state, log } = deliveries[0]!;
  assert.deepEqual(
    [state, log[0]!.status, log[0]!.error],
    ["pending", 200, "It refused: 310000 sign not match"],
  );
});
