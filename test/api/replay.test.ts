import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { test } from "node:test";
import { listen, openControl, UNKNOWN_ID } from "./control.ts";
import { connectTo, exchange, replayed } from "./replayed.ts";

/** The fields without those of the connection. */
function fieldsOf(head: string): string[] {
  return head.split("\r\n").filter((line) => !/^(?:HTTP|Date|Connection)/.test(line));
}

const ADDED = ["X-Content-Type-Options: nosniff", "Content-Security-Policy: sandbox"];

test("status, fields and bytes as the target sent them", async (t) => {
  const bytes = randomBytes(5_000);
  const headers = [
    "content-TYPE",
    "image/png",
    "X-Name",
    "caf\xe9 \xff",
    "x-twice",
    "1",
    "X-Other",
    "-",
    "X-Twice",
    "2",
  ];
  const { head, body } = await replayed(t, {
    status: 418,
    headers: [...headers, "Date", "yesterday"],
    body: bytes,
  });
  assert.match(head, /^HTTP\/1.1 418 /);
  assert.deepEqual(fieldsOf(head), [
    "content-TYPE: image/png",
    "X-Name: caf\xe9 \xff",
    "x-twice: 1",
    "X-Other: -",
    "X-Twice: 2",
    ...ADDED,
    "Content-Length: 5000",
  ]);
  assert.deepEqual(head.match(/^Date:.*$/gim), ["Date: yesterday"]);
  assert.deepEqual(body, bytes);
});

test("a large body comes from its file, whole", async (t) => {
  const bytes = randomBytes(3_000_000);
  const { head, body } = await replayed(t, { body: bytes });
  assert.match(head, /\r\nContent-Length: 3000000$/m);
  assert.ok(body.equals(bytes));
});

test("what would act on Headgate's own origin is left out", async (t) => {
  const dangerous = [
    "Set-Cookie: a=b",
    "Clear-Site-Data: *",
    "Strict-Transport-Security: max-age=9",
    "Access-Control-Allow-Origin: *",
    "access-control-allow-credentials: true",
    "Content-Security-Policy: default-src *",
    "X-Content-Type-Options: sniff",
    "Alt-Svc: h3",
    "Refresh: 0;url=http://evil.example/",
    "Headgate-Task-Id: forged",
    "Accept-Ranges: none",
    "Connection: x-hop",
    "Transfer-Encoding: chunked",
    "Content-Length: 99",
  ];
  const headers = [...dangerous, "Location: /elsewhere", "WWW-Authenticate: Basic"].flatMap((each) =>
    each.split(": "),
  );
  const { head, body } = await replayed(t, { status: 302, headers, body: "moved" });
  assert.match(head, /^HTTP\/1.1 302 /);
  assert.deepEqual(fieldsOf(head), [
    "Location: /elsewhere",
    "WWW-Authenticate: Basic",
    ...ADDED,
    "Content-Length: 5",
  ]);
  assert.equal(body.toString(), "moved");
});

test("an answer without a body has none", async (t) => {
  for (const [status, expected] of [
    [204, undefined],
    [304, undefined],
    [200, "Content-Length: 0"],
  ] as const) {
    const { head, body } = await replayed(
      t,
      { status, headers: ["ETag", '"1"', "Content-Length", "77"] },
      "GET",
      "",
      "HEAD",
    );
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(
      head.split("\r\n").find((line) => line.startsWith("Content-Length")),
      expected,
    );
    assert.equal(body.length, 0);
  }
});

test("HEAD gives the fields of GET", async (t) => {
  const { head, body } = await replayed(t, { body: "x".repeat(200_000) }, "HEAD");
  assert.match(head, /\r\nAccept-Ranges: bytes\r\n/);
  assert.match(head, /\r\nContent-Length: 200000\r\n/);
  assert.equal(body.length, 0);
});

test("not yet: 202 and when to ask again", async (t) => {
  const { app, submit } = await openControl(t, {
    pace: { etaSeconds: () => 12.3, remainingSeconds: () => 1 },
  });
  const id = await submit();
  const answer = await app.inject(`/task/${id}/result`);
  assert.deepEqual(
    [answer.statusCode, answer.headers["retry-after"], answer.headers.location],
    [202, "13", `/task/${id}`],
  );
  assert.equal(answer.json<{ status: string }>().status, "pending");
});

test("a task that ended without an answer says why", async (t) => {
  const { app, submit, failed, store, clock } = await openControl(t);
  const cancelled = await submit();
  await store.cancel(cancelled, clock.now());
  const expired = await submit({ startBefore: clock.now() });
  await store.giveUp(clock.now(), 10);
  const cases: readonly [string, number, string, string | undefined][] = [
    [cancelled, 410, "cancelled", undefined],
    [expired, 504, "expired_in_queue", undefined],
    [await failed("http_response_timeout", "timeout"), 504, "http_response_timeout", "http_response_timeout"],
    [await failed("connection_timeout", "connect_failed"), 504, "connection_timeout", "connection_timeout"],
    [await failed("connection_refused", "connect_failed"), 502, "connection_refused", "connection_refused"],
    [await failed("node_lost"), 502, "node_lost", undefined],
  ];
  for (const [id, status, code, proxyError] of cases) {
    const { statusCode, headers, json } = await app.inject(`/task/${id}/result`);
    assert.deepEqual([statusCode, headers["content-type"]], [status, "application/problem+json"], code);
    assert.equal(headers["proxy-status"], proxyError && `headgate; error=${proxyError}`);
    const body = json<Record<string, unknown>>();
    assert.deepEqual([body["code"], body["status"], body["success"]], [code, status, false]);
  }
});

test("a body deleted meanwhile is a task that is gone", async (t) => {
  const { app, answered, unexpected } = await openControl(t, {
    readBody: () => createReadStream("/nonexistent/body"),
  });
  const id = await answered({ body: "x" });
  assert.equal((await app.inject(`/task/${id}/result`)).statusCode, 404);
  assert.equal((await app.inject(`/task/${UNKNOWN_ID}/result`)).statusCode, 404);
  assert.deepEqual(unexpected, []);
});

test("a body that breaks off breaks the connection, and the log says why", async (t) => {
  const broken = new Error("broken");
  const { app, answered, unexpected } = await openControl(t, {
    readBody: () =>
      Readable.from(
        (async function* () {
          yield Buffer.from("abc");
          throw broken;
        })(),
      ),
  });
  const { body } = await exchange(await listen(t, app), `/task/${await answered({ body: "abcdef" })}/result`);
  assert.ok(body.length < 6, "a shorter answer must not look whole");
  assert.deepEqual(unexpected, [broken]);
});

const PLENTY_BYTES = 64 * 1024 * 1024;

test("a slow reader holds back the reading of the file, and one that leaves ends it", async (t) => {
  let read = 0;
  const closed = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  const { app, answered } = await openControl(t, {
    readBody: () =>
      new Readable({
        read() {
          read += 65_536;
          this.push(read < PLENTY_BYTES ? Buffer.alloc(65_536) : null);
          first.resolve();
        },
        destroy(error, done) {
          closed.resolve();
          done(error);
        },
      }),
  });
  const id = await answered({ body: "x".repeat(70_000) });
  const socket = await connectTo(await listen(t, app));
  socket.pause();
  socket.write(`GET /task/${id}/result HTTP/1.1\r\nHost: gate\r\n\r\n`);
  await first.promise;
  socket.destroy();
  await closed.promise;
  // What the sockets hold, a few megabytes, was read for nobody; the rest was not.
  assert.ok(read < PLENTY_BYTES / 2, `${read} bytes were read`);
});
