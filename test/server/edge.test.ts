import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { clientFor, type Gate, gateFor } from "../intake/gate.ts";
import { connectRaw, exchange, type RawAnswer } from "../rig/raw-client.ts";

function assertProblem(answer: RawAnswer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.head + answer.body);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const problem = JSON.parse(answer.body);
  assert.equal(problem.code, code);
  assert.equal(problem.status, status);
  assert.equal(problem.success, false);
  assert.ok(problem.message.length > 10);
}

const POST = "POST /x HTTP/1.1\r\nHost: a\r\n";
const CHUNKS = "\r\n1\r\nx\r\n0\r\n\r\n";

describe("a malformed head is answered with a problem, reaches nobody, and ends its connection", () => {
  const cases: readonly [string, string, number, string][] = [
    ["two Hosts", "GET /x HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", 400, "invalid_request"],
    ["the same Host twice", "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["no Host", "GET /x HTTP/1.1\r\n\r\n", 400, "invalid_request"],
    ["a Host that is a path", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "invalid_request"],
    ["a Host with user info", "GET /x HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "invalid_request"],
    [
      "two Hosts on a control path",
      "GET /stats HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      400,
      "invalid_request",
    ],
    [
      "HTTP/1.0 chunked",
      `POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${CHUNKS}`,
      400,
      "invalid_request",
    ],
    ["HTTP/2.0", "GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505, "version_not_supported"],
    ["HTTP/0.9", "GET /x HTTP/0.9\r\nHost: a\r\n\r\n", 505, "version_not_supported"],
    ["a simple HTTP/0.9 request", "GET /x\r\n\r\n", 505, "version_not_supported"],
    ["ICE/1.0", "SOURCE /x ICE/1.0\r\nHost: a\r\n\r\n", 505, "version_not_supported"],
    ["RTSP/1.0", "DESCRIBE /x RTSP/1.0\r\nHost: a\r\n\r\n", 505, "version_not_supported"],
    ["HTTP/1.2", "GET /x HTTP/1.2\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid_request"],
    ["gzip, chunked", `${POST}Transfer-Encoding: gzip, chunked\r\n${CHUNKS}`, 501, "not_implemented"],
    [
      "gzip and chunked",
      `${POST}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n${CHUNKS}`,
      501,
      "not_implemented",
    ],
    ["chunked twice", `${POST}Transfer-Encoding: chunked, chunked\r\n${CHUNKS}`, 400, "invalid_request"],
    ["identity", `${POST}Transfer-Encoding: identity\r\n${CHUNKS}`, 501, "not_implemented"],
    [
      "chunked with a length",
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n${CHUNKS}`,
      400,
      "invalid_request",
    ],
    ["two lengths", `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400, "invalid_request"],
    ["a list of lengths", `${POST}Content-Length: 5, 5\r\n\r\nhello`, 400, "invalid_request"],
    ["a negative length", `${POST}Content-Length: -1\r\n\r\n`, 400, "invalid_request"],
    ["absolute form", "GET http://evil/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["authority form", "GET evil:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["GET *", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["//evil", "GET //evil/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["/\\evil", "GET /\\evil/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["a fragment", "GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["a control character", "GET /x\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["a tab", "GET /x\ty HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["UTF-8 in the target", "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_request"],
    ["a bare line feed in a value", `${POST}A: b\nc: d\r\n\r\n`, 400, "invalid_request"],
    ["a folded line", `${POST}A: b\r\n c\r\n\r\n`, 400, "invalid_request"],
    ["a space before the colon", `${POST}Content-Length : 5\r\n\r\nhello`, 400, "invalid_request"],
    ["NUL in a value", `${POST}A: b\0c\r\n\r\n`, 400, "invalid_request"],
    [
      "an odd expectation",
      `${POST}Expect: 200-maybe\r\nContent-Length: 1\r\n\r\nx`,
      417,
      "expectation_failed",
    ],
    [
      "two expectations",
      `${POST}Expect: 100-continue, x\r\nContent-Length: 1\r\n\r\nx`,
      417,
      "expectation_failed",
    ],
    ["CONNECT", "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n", 501, "not_implemented"],
    [
      "CONNECT with a body",
      "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\nContent-Length: 9\r\n\r\nhi",
      501,
      "not_implemented",
    ],
    ["too large a head", `${POST}A: ${"x".repeat(40_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["too many fields", `${POST}${"A: b\r\n".repeat(300)}\r\n`, 431, "headers_too_large"],
    [
      "a Host behind many fields",
      `${POST}${"A: b\r\n".repeat(2_500)}Host: b\r\n\r\n`,
      431,
      "headers_too_large",
    ],
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00", 400, "invalid_request"],
  ];
  for (const [name, bytes, status, code] of cases) {
    test(name, async (t) => {
      const gate = await gateFor(t);
      const answer = await exchange(gate.port, Buffer.from(bytes));
      assertProblem(answer, status, code);
      assert.equal(answer.headers.get("connection"), "close");
      assert.equal(answer.rest, "", "one answer and no more");
      assert.deepEqual([gate.tasks, gate.control], [[], []]);
    });
  }
});

test("a request goes either to the control API, without the prefix, or on as it is; never both", async (t) => {
  const gate = await gateFor(t, { intake: { controlPrefix: "/_headgate" } });
  for (const target of ["/_headgate/task/1?w", "/task/1", "/_head%67ate/task/1"]) {
    await exchange(gate.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  }
  assert.deepEqual(gate.control, ["GET /task/1?w"]);
  assert.deepEqual(
    gate.tasks.map(({ request }) => request.path),
    ["/task/1", "/_head%67ate/task/1"],
  );
});

test("an upgrade is not taken up: the request is an ordinary one, body and all", async (t) => {
  const gate = await gateFor(t);
  const client = await clientFor(t, gate);
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  await client.send(`POST /up HTTP/1.1\r\nHost: a\r\n${upgrade}Content-Length: 5\r\n\r\nhello`);
  assert.equal((await client.answer()).status, 202);
  await client.send("GET /after HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await client.answer()).status, 202);
  assert.deepEqual(
    gate.tasks.map(({ request }) => [request.path, bodyText(request.body)]),
    [
      ["/up", "hello"],
      ["/after", ""],
    ],
  );
});

function bodyText(body: Gate["tasks"][number]["request"]["body"]): string {
  return body.kind === "inline" ? Buffer.from(body.bytes).toString() : "";
}

test("a head that comes in pieces loses none of its fields", async (t) => {
  const gate = await gateFor(t);
  const client = await clientFor(t, gate);
  const fields = Array.from({ length: 240 }, (_, i) => `X-${i}: ${i}\r\n`);
  const begun = `GET /pieces HTTP/1.1\r\nHost: a\r\n${fields.slice(0, 150).join("")}`;
  // The answer to the first request says that the beginning of the second was read, too.
  await client.send(`GET /stats HTTP/1.1\r\nHost: a\r\n\r\n${begun}`);
  assert.equal((await client.answer()).body, "control");
  await client.send(`${fields.slice(150).join("")}\r\n`);
  assert.equal((await client.answer()).status, 202);
  const stored = gate.tasks[0]?.request.headers ?? [];
  assert.equal(stored.filter((name) => name.startsWith("X-") && !name.startsWith("X-F")).length, 240);
});

test("a control request that expects 100 Continue gets it", async (t) => {
  const gate = await gateFor(t);
  const client = await clientFor(t, gate);
  await client.send(
    "POST /tasks/batch HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
  );
  assert.equal((await client.answer()).status, 100);
  assert.equal((await client.answer()).body, "control");
});

test("garbage behind a request whose answer is pending does not take that answer's place", async (t) => {
  const stored = Promise.withResolvers<{ position: number; pending: number }>();
  const asked = Promise.withResolvers<void>();
  const gate = await gateFor(t, {
    keeper: {
      enqueue: () => {
        asked.resolve();
        return stored.promise;
      },
    },
  });
  const client = await connectRaw(gate.port);
  await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n");
  await asked.promise;
  stored.resolve({ position: 1, pending: 1 });
  assert.equal((await client.answer()).status, 202);
  assertProblem(await client.answer(), 400, "invalid_request");
  assert.equal(await client.rest(), "");
});

describe("slow clients", () => {
  test("a head that does not come in time is cut with 408", async (t) => {
    const gate = await gateFor(t, { limits: { headersTimeoutMs: 30, checkIntervalMs: 10 } });
    assertProblem(await exchange(gate.port, "GET /x HTTP/1.1\r\nHo"), 408, "request_timeout");
  });

  test("a body that stops coming is cut with 408, and nothing of it is kept", async (t) => {
    const gate = await gateFor(t, { limits: { silenceTimeoutMs: 30 } });
    assertProblem(
      await exchange(gate.port, `${POST}Content-Length: 50000\r\n\r\nhello`),
      408,
      "request_timeout",
    );
    await gate.sinks[0]?.over;
    await setImmediate();
    assert.deepEqual([gate.sinks[0]?.end, gate.tasks.length], ["aborted", 0]);
    assert.equal(gate.admission.pending("default"), 0);
  });

  test("waiting for us is no silence", async (t) => {
    const stored = Promise.withResolvers<{ position: number; pending: number }>();
    const gate = await gateFor(t, {
      limits: { silenceTimeoutMs: 10 },
      keeper: { enqueue: () => stored.promise },
    });
    const client = await clientFor(t, gate);
    await client.send(`${POST}Content-Length: 5\r\n\r\nhello`);
    // Several times the limit; the fault would be a connection closed before the answer.
    setTimeout(() => stored.resolve({ position: 1, pending: 1 }), 60);
    assert.equal((await client.answer()).status, 202);
    await client.send("GET /stats HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal((await client.answer()).body, "control");
  });
});
