// The target's answer itself, for a client that waits: as the target gave it, or a receipt when it takes too long.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { type Behaviour, raw, status as answerWith, stream } from "../rig/behaviour.ts";
import { call, eventually, look, outcome, type ProblemView, stats } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { connectRaw, type RawAnswer, type RawClient } from "../rig/raw-client.ts";
import { freePort } from "../rig/service.ts";
import { headerOf, startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const { url } = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "2"] });

interface Exact {
  readonly head: string;
  readonly fields: readonly string[];
  readonly body: Buffer;
  readonly id: string;
}

function request(path: string, ...fields: readonly string[]): string {
  return `${[`GET ${path} HTTP/1.1`, "Host: h", ...fields].join("\r\n")}\r\n\r\n`;
}

/** Everything that comes back, byte by byte, until the close that was asked for. */
async function exactly(text: string): Promise<Exact> {
  const client = await connectRaw(Number(url.port));
  await client.send(text.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  const bytes = Buffer.from(await client.rest(), "latin1");
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.toString("latin1", 0, end);
  const fields = head.split("\r\n").slice(1);
  const id = /^Headgate-Task-Id: (.*)$/m.exec(head)?.[1] ?? "";
  return {
    head,
    fields: fields.filter((line) => !/^(?:Date|Connection):/.test(line)),
    body: bytes.subarray(end + 4),
    id,
  };
}

let clients = 0;

async function waitingClient(
  path: string,
  ...fields: readonly string[]
): Promise<{ readonly client: RawClient; readonly id: string }> {
  const client = await connectRaw(Number(url.port));
  const token = `client-${(clients += 1)}`;
  await client.send(request(path, "Prefer: wait=30", `Token: ${token}`, ...fields));
  const seen = await target.arrival((each) => each.token === token);
  return { client, id: String(headerOf(seen, "headgate-task-id")) };
}

test("byte for byte: status, fields in order, case and number, and body", async () => {
  const bytes = randomBytes(5_000);
  const given = [
    "content-TYPE: x/y",
    "Set-Cookie: a=1",
    "X-N: caf\xe9",
    "set-cookie: b=2",
    "Vary: Accept",
    'ETag: W/"1"',
  ];
  const hop = "Connection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n";
  target.next(raw(`HTTP/1.1 299 Odd\r\n${given.join("\r\n")}\r\n${hop}Content-Length: 5000\r\n\r\n`, bytes));
  const { head, fields, body, id } = await exactly(request("/x", "Prefer: wait=30"));
  assert.match(head, /^HTTP\/1.1 299 /);
  assert.deepEqual(fields, [
    ...given,
    "Content-Length: 5000",
    `Headgate-Task-Id: ${id}`,
    "Vary: Prefer",
    "Preference-Applied: wait=30",
  ]);
  assert.deepEqual(body, bytes);
  assert.equal((await look(url, id)).status, "completed");
});

test("a large answer is streamed, and its length and bytes are right", async () => {
  const sizeBytes = 8 * 1024 * 1024;
  target.next(stream(sizeBytes));
  const answer = await call(url, { path: "/x", headers: ["Prefer", "wait=30"] });
  assert.deepEqual([answer.status, answer.headers["content-length"]], [200, String(sizeBytes)]);
  const expected = createHash("sha256").update(Buffer.alloc(sizeBytes, "x")).digest("hex");
  assert.equal(createHash("sha256").update(answer.body).digest("hex"), expected);
});

for (const [name, method, behaviour, pattern] of [
  ["HEAD", "HEAD", answerWith(200, ["Content-Length", "77"]), /^Content-Length: 77$/m],
  ["204", "GET", answerWith(204), /^HTTP\/1.1 204 (?![^]*Content-Length)/],
  ["304", "GET", answerWith(304, ["ETag", '"e"']), /^HTTP\/1.1 304 [^]*^ETag: "e"$/m],
  ["an error of the target's own", "GET", answerWith(500), /^HTTP\/1.1 500 [^]*^Content-Length: 10$/m],
] as const satisfies readonly (readonly [string, string, Behaviour, RegExp])[]) {
  test(`what comes without a body or as an error: ${name}`, async () => {
    target.next(behaviour);
    const asked = request("/x", "Prefer: wait=30", "Headgate-Max-Attempts: 1").replace("GET", method);
    const { head, body } = await exactly(asked);
    assert.match(head, pattern);
    assert.equal(body.toString(), name.startsWith("an error") ? "status 500" : "");
  });
}

test("not in time: a receipt, and the task goes on", async () => {
  const { head, fields, body, id } = await exactly(request("/slow", "Prefer: respond-async, wait=3"));
  assert.match(head, /^HTTP\/1.1 202 /);
  assert.ok(fields.includes("Preference-Applied: respond-async, wait=3"));
  const receipt = JSON.parse(body.toString()) as { status: string; task_id: string };
  assert.deepEqual([receipt.status, receipt.task_id], ["processing", id]);
  await call(url, { method: "POST", path: `/task/${id}/cancel` });
});

test("not asked for, or asked not to: a receipt at once", async () => {
  for (const fields of [[], ["Prefer: respond-async"], ["Prefer: wait=never"]]) {
    const { head, body, id } = await exactly(request("/hang", ...fields));
    assert.match(head, /^HTTP\/1.1 202 /);
    assert.equal((JSON.parse(body.toString()) as { status: string }).status, "pending");
    assert.equal(head.includes("Preference-Applied: respond-async"), fields[0]?.includes("async") ?? false);
    await call(url, { method: "POST", path: `/task/${id}/cancel` });
  }
});

test("a client that leaves changes nothing, unless it said so", async () => {
  const stays = await waitingClient("/slow?stays");
  const goes = await waitingClient("/hang", "Headgate-Abandon: cancel");
  await stays.client.vanish();
  await goes.client.vanish();
  const cancelled = await outcome(url, goes.id);
  assert.deepEqual([cancelled.status, cancelled.reason], ["cancelled", "cancelled"]);
  assert.equal((await look(url, stays.id)).status, "processing");
  target.release();
  assert.equal((await outcome(url, stays.id)).status, "completed");
});

test("pipelined: each has its answer, in order", async () => {
  const client = await connectRaw(Number(url.port));
  const prefer = "Prefer: wait=30";
  await client.send(
    request("/echo?1", prefer) +
      request("/echo?2") +
      request("/status/404", prefer) +
      request("/echo?4", prefer),
  );
  const answers: RawAnswer[] = [];
  for (let i = 0; i < 4; i++) answers.push(await client.answer());
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 202, 404, 200],
  );
  assert.deepEqual(
    [0, 3].map((i) => JSON.parse(answers[i]!.body).path),
    ["/echo?1", "/echo?4"],
  );
  client.socket.destroy();
});

test("cancelled by another: 410; late: 504", async () => {
  const { client, id } = await waitingClient("/hang");
  await call(url, { method: "POST", path: `/task/${id}/cancel` });
  assert.equal((await client.answer()).status, 410);
  client.socket.destroy();
  const headers = ["Prefer", "wait=30", "Headgate-Timeout", "1s", "Headgate-Max-Attempts", "1"];
  const late = await call(url, { path: "/hang", headers });
  assert.deepEqual([late.status, late.json<ProblemView>().code], [504, "http_response_timeout"]);
  assert.equal(late.headers["proxy-status"], "headgate; error=http_response_timeout");
});

test("nothing is left waiting or running", async () => {
  await eventually(
    () => stats(url),
    ({ tasks, in_flight }) => tasks.pending + tasks.processing + in_flight === 0,
  );
});

test("a target that is not there: 502", async (t) => {
  const nowhere = new URL(`http://127.0.0.1:${await freePort()}`);
  const { url } = await startGateway(t, { target: nowhere, args: ["--max-attempts", "1"] });
  const answer = await call(url, { path: "/x", headers: ["Prefer", "wait=30"] });
  assert.deepEqual([answer.status, answer.json<ProblemView>().code], [502, "connection_refused"]);
});

test("a gateway that stops answers those who wait: the answer if it comes while it drains, else a receipt", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, {
    target: target.url,
    args: ["--max-concurrent", "1", "--drain-timeout", "10s"],
  });
  const send = async (path: string): Promise<RawClient> => {
    const client = await connectRaw(Number(gateway.url.port));
    await client.send(request(path, "Prefer: wait=60"));
    return client;
  };
  const running = await send("/slow");
  await target.received(1);
  const inLine = await send("/ok");
  await eventually(
    () => stats(gateway.url),
    ({ tasks }) => tasks.pending === 1,
  );
  gateway.kill("SIGTERM");
  await eventually(
    () => call(gateway.url, { path: "/readyz" }),
    ({ status }) => status === 503,
  );
  target.release();
  assert.equal((await running.answer()).status, 200);
  assert.equal((await inLine.answer()).status, 202);
  assert.equal((await gateway.exited).code, 0);
  // Connections that their clients would have kept are closed with their last answer, not cut after five seconds.
  assert.doesNotMatch(gateway.output, /connections cut/);
});
