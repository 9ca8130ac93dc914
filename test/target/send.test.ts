import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type AnswerSink } from "../../src/target/sending.ts";
import { GZIP_BOMB, raw, status } from "../rig/behaviour.ts";
import { headerOf } from "../rig/target.ts";
import { bytesOf, echoOf, inline, outgoing, stage } from "./stage.ts";

test("a request arrives as it was, with what Headgate adds", async (t) => {
  const progressFields = (id: string, attempt: number) => ["Headgate-Progress-Token", `${id}/${attempt}`];
  const { target, send } = await stage(t, { progressFields });
  const headers = ["x-Token", "a", "ACCEPT", "*/*", "x-token", "b", "Token", "7", "X-Latin", "caf\u00e9"];
  const exchange = await send(
    {
      method: "POST",
      path: "/echo/%2e%7Ea?x=%00&y=a+b;#c",
      headers: [...headers, "Via", "1.0 fred"],
      body: inline("hello"),
    },
    { attempt: 3 },
  );
  const seen = echoOf(exchange);
  assert.equal(seen.method, "POST");
  assert.equal(seen.path, "/echo/%2e%7Ea?x=%00&y=a+b;#c");
  assert.equal(seen.token, "7");
  assert.equal(seen.sha256, createHash("sha256").update("hello").digest("hex"));
  assert.deepEqual(seen.headers, [
    "host",
    target.url.host,
    "connection",
    "keep-alive",
    ...headers,
    "Via",
    "1.0 fred",
    "Via",
    "1.1 headgate-test",
    "Headgate-Task-Id",
    "0190f3c2-7a5e-7000-8000-000000000001",
    "Headgate-Attempt",
    "3",
    "Headgate-Progress-Token",
    "0190f3c2-7a5e-7000-8000-000000000001/3",
    "content-length",
    "5",
  ]);
  assert.equal(exchange.target, target.url.origin);
});

test("the base's path goes before every path, and its host is the Host", async (t) => {
  const outer = await stage(t);
  const base = new URL("/base/", outer.target.url);
  const { sender } = await stage(t, { base });
  const exchange = await sender.send(outgoing({ path: "/echo?a=1" }), new AbortController().signal);
  assert.equal(echoOf(exchange).path, "/base/echo?a=1");
  assert.equal(exchange.target, `${outer.target.url.origin}/base`);
});

test("the client's Host is sent on when asked for", async (t) => {
  const { send } = await stage(t, { preserveHost: true });
  const seen = echoOf(await send({ headers: ["Host", "shop.example"] }));
  assert.equal(headerOf(seen, "host"), "shop.example");
});

for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY", "BREW"]) {
  test(`${method} goes out with a body and without one`, async (t) => {
    const { send } = await stage(t);
    const full = echoOf(await send({ method, body: inline("12345") }));
    assert.deepEqual([full.method, full.sizeBytes], [method, 5]);
    const empty = echoOf(await send({ method, headers: ["Content-Length", "0"] }));
    assert.deepEqual([empty.method, empty.sizeBytes], [method, 0]);
    if (["POST", "PUT", "PATCH"].includes(method)) assert.equal(headerOf(empty, "content-length"), "0");
  });
}

test("Max-Forwards counts the way of OPTIONS and TRACE down, and of nothing else", async (t) => {
  const { send } = await stage(t);
  const next = async (method: string, value: string) =>
    headerOf(echoOf(await send({ method, headers: ["Max-Forwards", value] })), "max-forwards");
  assert.equal(await next("OPTIONS", "10"), "9");
  assert.equal(await next("TRACE", "1"), "0");
  assert.equal(await next("OPTIONS", "9".repeat(400)), "2147483647");
  for (const value of ["-1", "many", ""]) assert.equal(await next("OPTIONS", value), value);
  for (const value of ["0", "7"]) assert.equal(await next("GET", value), value);
});

test("a large body is streamed with its length", async (t) => {
  const { send } = await stage(t);
  const sizeBytes = 5_000_000;
  const body = { kind: "file", name: "zeros", sizeBytes } as const;
  const seen = echoOf(await send({ method: "POST", body }));
  assert.equal(seen.sha256, createHash("sha256").update(Buffer.alloc(sizeBytes)).digest("hex"));
  assert.equal(headerOf(seen, "content-length"), String(sizeBytes));
  assert.equal(headerOf(seen, "transfer-encoding"), null);
});

test("an answer is kept byte for byte: not unpacked, not followed, no header lost", async (t) => {
  const { target, send } = await stage(t);
  assert.deepEqual(bytesOf(await send({ path: "/gzip-bomb" })), GZIP_BOMB);

  const headers = ["Location", "/elsewhere", "set-cookie", "a", "Set-Cookie", "b", "X-Latin", "caf\u00e9"];
  target.next(status(302, [...headers, "Connection", "x-hop", "X-Hop", "1"]));
  const moved = await send({});
  assert.ok(moved.kind === "answered");
  assert.equal(moved.response.status, 302);
  assert.deepEqual(moved.response.headers, [...headers, "Content-Length", "10"]);
  assert.equal(target.seen.length, 2);
});

for (const [name, method, code] of [
  ["HEAD", "HEAD", 200],
  ["204", "GET", 204],
  ["304", "GET", 304],
] as const) {
  test(`the answer to ${name} has no body`, async (t) => {
    const { target, send } = await stage(t);
    target.next(status(code, ["Content-Length", "1000"]));
    const exchange = await send({ method });
    assert.ok(exchange.kind === "answered");
    assert.deepEqual(exchange.response, {
      status: code,
      headers: ["Content-Length", "1000"],
      body: { kind: "empty" },
    });
  });
}

test("informational answers are passed over", async (t) => {
  const { target, send } = await stage(t);
  target.next(
    raw(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ),
  );
  const exchange = await send({});
  assert.equal(bytesOf(exchange).toString(), "ok");
  assert.deepEqual(exchange.kind === "answered" && exchange.response.headers, ["Content-Length", "2"]);
});

test("each request at once has a connection of its own, and they are used again", async (t) => {
  const { target, send } = await stage(t);
  const first = Array.from({ length: 5 }, () => send({ path: "/slow" }));
  await target.received(5);
  assert.deepEqual(target.atOnce, { now: 5, max: 5 });
  target.release();
  await Promise.all(first);
  for (let i = 0; i < 20; i++) await send({});
  assert.equal(target.connections, 5);
});

test("a target is read no faster than the sink takes", async (t) => {
  const sizeBytes = 20_000_000;
  const hash = createHash("sha256");
  let full = false;
  let sincePauseBytes = 0;
  let mostBytes = 0;
  const receive = (): AnswerSink => ({
    write: async (chunk) => {
      hash.update(chunk);
      sincePauseBytes = full ? sincePauseBytes + chunk.byteLength : 0;
      mostBytes = Math.max(mostBytes, sincePauseBytes);
      full = true;
      await nextTurn();
      full = false;
    },
    finish: async () => ({ kind: "file", name: "x", sizeBytes }),
    abort: async () => {},
  });
  const { send } = await stage(t, { receive });
  const exchange = await send({ path: `/stream/${sizeBytes}` });
  assert.equal(exchange.kind, "answered");
  assert.equal(hash.digest("hex"), createHash("sha256").update(Buffer.alloc(sizeBytes, "x")).digest("hex"));
  assert.ok(mostBytes <= 64 * 1024, `${mostBytes} bytes came although there was no room`);
});

test("a sink that is always full but never for long gets everything", async (t) => {
  let taken = 0;
  const receive = (): AnswerSink => ({
    write: (chunk) => {
      taken += chunk.byteLength;
      return Promise.resolve();
    },
    finish: async () => ({ kind: "file", name: "x", sizeBytes: taken }),
    abort: async () => {},
  });
  const { send } = await stage(t, { receive });
  assert.equal((await send({ path: "/stream/5000000" })).kind, "answered");
  assert.equal(taken, 5_000_000);
});

test("a large answer passes through without being held", async (t) => {
  const sizeBytes = 256 * 2 ** 20;
  let taken = 0;
  const receive = (): AnswerSink => ({
    write: (chunk) => void (taken += chunk.byteLength),
    finish: async () => ({ kind: "file", name: "x", sizeBytes: taken }),
    abort: async () => {},
  });
  const { send } = await stage(t, { receive });
  const before = process.memoryUsage.rss();
  const exchange = await send({ path: `/stream/${sizeBytes}` });
  assert.equal(exchange.kind, "answered");
  assert.equal(taken, sizeBytes);
  const grownBytes = process.memoryUsage.rss() - before;
  assert.ok(grownBytes < 64 * 2 ** 20, `grew by ${grownBytes} bytes`);
});
