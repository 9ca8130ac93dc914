// Byte for byte: what a client sends is what the target gets, and what the target answers is what is handed out.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { raw, type SeenRequest, stream } from "../rig/behaviour.ts";
import { call, outcome, run, submit } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { connectRaw, exchange } from "../rig/raw-client.ts";
import { freePort } from "../rig/service.ts";
import { headerOf, startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const gateway = await startGateway(owner, { target: target.url });
const { url } = gateway;

async function arrived(id: string): Promise<SeenRequest> {
  await outcome(url, id);
  const seen = target.seen.find((request) => headerOf(request, "headgate-task-id") === id);
  assert.ok(seen, "it arrived");
  return seen;
}

for (const method of [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "M-SEARCH",
  "QUERY",
]) {
  test(`method ${method}`, async () => {
    const id = await submit(url, { method, path: "/echo" });
    assert.equal((await arrived(id)).method, method);
    assert.equal((await outcome(url, id)).status, "completed");
  });
}

const PATHS = [
  "/echo/a%2Fb/../c/./d;x=1",
  "/echo?q=%zz&r=a+b%20c&&=&r=%00",
  "/echo/%E4%BB%BB%E5%8A%A1",
  "/echo//double///slashes",
  "/echo/%74ask?a[]=1&b={}|\\^`\"<>'",
  "/TASK/upper",
  "/%74ask/encoded",
  "/task%2Fencoded",
  `/echo?${"x".repeat(8_000)}`,
];

for (const path of PATHS) {
  test(`path ${path.slice(0, 40)}`, async () => {
    const { port } = url;
    const answer = await exchange(
      Number(port),
      `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`,
    );
    assert.equal(answer.status, 202, answer.body);
    const id = (JSON.parse(answer.body) as { task_id: string }).task_id;
    assert.equal((await arrived(id)).path, path);
    assert.equal((await outcome(url, id)).path, path);
  });
}

test("header fields: order, case, duplicates and odd values stay; those of one connection go; ours are added", async () => {
  const kept = [
    "X-MiXeD-case",
    "1",
    "accept",
    "*/*",
    "X-Twice",
    "a",
    "x-other",
    "",
    "X-Twice",
    "b",
    "Cookie",
    "a=1; b=2",
    "Authorization",
    "Bearer s3cret",
    "X-Latin",
    "caf\xe9",
    "Accept-Encoding",
    "gzip, br",
    "__proto__",
    "harmless",
    "constructor",
    "too",
    "Cache-Control",
    "no-cache",
  ];
  const dropped = [
    "Connection",
    "close, X-Named, Authorization",
    "X-Named",
    "gone",
    "Keep-Alive",
    "timeout=5",
    "TE",
    "trailers",
    "Proxy-Authorization",
    "Basic x",
    "Proxy-Connection",
    "keep-alive",
    "Upgrade",
    "h2c",
    "Headgate-Priority",
    "7",
    "Headgate_Task_Id",
    "forged",
    "Headgate-Progress-Token",
    "forged",
    "X-Forwarded-For",
    "6.6.6.6",
    "Forwarded",
    "for=6.6.6.6",
  ];
  const id = await submit(url, { path: "/echo", headers: [...kept, ...dropped], body: "x" });
  const seen = await arrived(id);
  const start = seen.headers.indexOf("X-MiXeD-case");
  assert.deepEqual(seen.headers.slice(start, start + kept.length), kept);

  const rest = seen.headers.toSpliced(start, kept.length);
  const names = new Set(rest.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));
  for (const gone of [
    "x-named",
    "keep-alive",
    "te",
    "proxy-authorization",
    "proxy-connection",
    "upgrade",
    "headgate-priority",
    "headgate_task_id",
  ]) {
    assert.ok(!names.has(gone), gone);
  }
  assert.ok(!JSON.stringify(rest).includes("forged") && !JSON.stringify(rest).includes("6.6.6.6"));
  assert.equal(headerOf(seen, "host"), target.url.host);
  assert.equal(headerOf(seen, "headgate-task-id"), id);
  assert.equal(headerOf(seen, "headgate-attempt"), "1");
  assert.match(headerOf(seen, "via") ?? "", /^1\.1 headgate-\w+$/);
  assert.equal(headerOf(seen, "forwarded"), `for=127.0.0.1;host="${url.host}";proto=http`);
  assert.equal(headerOf(seen, "x-forwarded-for"), "127.0.0.1");
  assert.equal(headerOf(seen, "content-length"), "1");
});

for (const sizeBytes of [0, 1, 65_535, 65_536, 65_537, 1_000_000, 20 * 1024 * 1024]) {
  test(`a body of ${sizeBytes} bytes`, async () => {
    const body = randomBytes(sizeBytes);
    const task = await run(url, { path: "/echo", body });
    const { sha256, sizeBytes: arrived } = task.result as { sha256: string; sizeBytes: number };
    assert.equal(arrived, sizeBytes);
    assert.equal(sha256, createHash("sha256").update(body).digest("hex"));
  });

  test(`an answer of ${sizeBytes} bytes`, async () => {
    target.next(stream(sizeBytes));
    const { task_id: id, response } = await run(url, { method: "GET", path: "/bytes" });
    assert.equal(response?.size_bytes, sizeBytes);
    const result = await call(url, { path: `/task/${id}/result` });
    assert.ok(result.body.equals(Buffer.alloc(sizeBytes, "x")));
  });
}

test("a chunked upload arrives with its length", async () => {
  const message =
    "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
  const answer = await exchange(Number(url.port), message);
  const seen = await arrived((JSON.parse(answer.body) as { task_id: string }).task_id);
  assert.equal(headerOf(seen, "content-length"), "11");
  assert.equal(headerOf(seen, "transfer-encoding"), null);
  assert.equal(headerOf(seen, "x-trailer"), null);
});

test("who expects 100 Continue is told to go on", async () => {
  const client = await connectRaw(Number(url.port));
  await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  assert.equal((await client.answer()).status, 100);
  await client.send("hi");
  const { status, headers } = await client.answer();
  assert.equal(status, 202);
  const seen = await arrived(String(headers.get("headgate-task-id")));
  assert.equal(headerOf(seen, "expect"), null);
  client.socket.destroy();
});

test("an answer is replayed as it was: status, fields, bytes", async () => {
  const head =
    'HTTP/1.1 207 Odd\r\nX-CaSe: one\r\nx-case: two\r\nContent-Type: application/odd\r\nETag: "abc"\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n';
  target.next(raw(head, Buffer.from([0, 255, 13, 10])));
  const task = await run(url, { method: "GET", path: "/odd" });
  assert.equal(task.status, "completed");
  const { status, body, rawHeaders } = await call(url, { path: `/task/${task.task_id}/result` });
  assert.equal(status, 207);
  assert.deepEqual([...body], [0, 255, 13, 10]);
  const at = rawHeaders.indexOf("X-CaSe");
  assert.deepEqual(rawHeaders.slice(at, at + 4), ["X-CaSe", "one", "x-case", "two"]);
  assert.equal(rawHeaders[rawHeaders.indexOf("Content-Encoding") + 1], "gzip");

  // RFC 9110 14.2: only of a 200 there are parts.
  const whole = await call(url, { path: `/task/${task.task_id}/result`, headers: ["Range", "bytes=1-2"] });
  assert.deepEqual([whole.status, whole.body.length], [207, 4]);
});

test("a part of an answer", async () => {
  const { task_id: id } = await run(url, { method: "GET", path: "/close-after" });
  const part = await call(url, { path: `/task/${id}/result`, headers: ["Range", "bytes=1-2"] });
  assert.deepEqual([part.status, part.text, part.headers["content-range"]], [206, "12", "bytes 1-2/10"]);
});

test("a redirect is an answer like any other", async () => {
  target.next(
    raw("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n\r\n"),
  );
  const task = await run(url, { method: "GET", path: "/redirect" });
  assert.deepEqual([task.status, task.response?.status, task.attempts.length], ["completed", 302, 1]);
});

test("a base path is put before every path", async (t) => {
  const below = await startGateway(
    { after: (clean) => t.after(clean) },
    { target: new URL("/base/v1/", target.url) },
  );
  const { task_id: id } = await run(below.url, { method: "GET", path: "/echo?x=1" });
  const seen = target.seen.find((request) => headerOf(request, "headgate-task-id") === id);
  assert.equal(seen?.path, "/base/v1/echo?x=1");
});

test("two gateways that are each other's target: 508, and no more", async (t) => {
  const port = await freePort();
  const first = await startGateway(t, { target: `http://127.0.0.1:${port}` });
  const second = await startGateway(t, { target: first.url, args: ["--listen-port", String(port)] });
  const task = await run(first.url, { path: "/round", body: "x" });
  // The second took it in, sent it on, and was told.
  assert.equal(task.status, "completed");
  const { task_id: id } = task.result as { task_id: string };
  const returned = await outcome(second.url, id);
  assert.deepEqual(
    [returned.status, returned.response?.status, returned.attempts.length],
    ["failed", 508, 1],
  );
  assert.equal((await call(first.url, { path: "/tasks" })).json<{ tasks: unknown[] }>().tasks.length, 1);
});
