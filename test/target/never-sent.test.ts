// What never left is said to have never left, so that repeating it is safe; and nothing leaves after that was said.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createSender } from "../../src/target/send.ts";
import { EMPTY_BODY, type StoredRequest } from "../../src/task/task.ts";
import { hang } from "../rig/behaviour.ts";
import { LOCALHOST } from "../rig/certificate.ts";
import { startStopwatch } from "../rig/stopwatch.ts";
import { headerOf, startTarget } from "../rig/target.ts";
import { echoOf, inline, outgoing, senderSettings, stage } from "./stage.ts";

async function neverSent(
  base: URL,
  connectTimeoutMs = 2_000,
): Promise<{ readonly code: string; readonly message: string }> {
  const sender = createSender({ ...senderSettings(base), connectTimeoutMs });
  const exchange = await sender.send(outgoing({ method: "POST" }), new AbortController().signal);
  await sender.close();
  assert.ok(exchange.kind === "never_sent", JSON.stringify(exchange));
  return exchange.error;
}

test("nobody listens: connection_refused, naming the target", async () => {
  const target = await startTarget();
  await target.close();
  const error = await neverSent(target.url);
  assert.equal(error.code, "connection_refused");
  assert.equal(error.message, `${target.url.origin} refused the connection.`);
});

test("no such name: dns_error", async () => {
  assert.equal((await neverSent(new URL("http://headgate.invalid"))).code, "dns_error");
});

test("several addresses, none of which listens: connection_refused", async () => {
  const target = await startTarget();
  await target.close();
  assert.equal((await neverSent(new URL(`http://localhost:${target.url.port}`))).code, "connection_refused");
});

test("a certificate that nobody vouches for: tls_certificate_error", async (t) => {
  const target = await startTarget({ tls: LOCALHOST });
  t.after(() => target.close());
  assert.equal((await neverSent(target.url)).code, "tls_certificate_error");
  assert.equal(target.seen.length, 0);
});

test("a certificate for another name: tls_certificate_error", async (t) => {
  trust(t, LOCALHOST.cert);
  const target = await startTarget({ tls: LOCALHOST });
  t.after(() => target.close());
  assert.equal((await neverSent(target.url)).code, "tls_certificate_error");
});

test("a target that does not speak TLS: tls_protocol_error", async (t) => {
  const server = createServer((socket) =>
    socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assert.equal((await neverSent(new URL(`https://127.0.0.1:${port}`))).code, "tls_protocol_error");
});

test("over TLS a client's Host changes neither the name that is checked nor the connection", async (t) => {
  trust(t, LOCALHOST.cert);
  const target = await startTarget({ tls: LOCALHOST });
  const base = new URL(`https://localhost:${target.url.port}`);
  const sender = createSender({ ...senderSettings(base), preserveHost: true });
  t.after(async () => {
    await target.close();
    await sender.close();
  });
  for (const host of ["one.example", "two.example"]) {
    const exchange = await sender.send(outgoing({ headers: ["Host", host] }), new AbortController().signal);
    assert.equal(headerOf(echoOf(exchange), "host"), host);
  }
  assert.equal(target.connections, 1);
});

test("a connection that is not made in time: connection_timeout", async (t) => {
  const { sender, blackHole } = await intoBlackHole(t, 150);
  const exchange = await sender.send(outgoing({}), new AbortController().signal);
  assert.ok(exchange.kind === "never_sent");
  assert.equal(exchange.error.code, "connection_timeout");
  await blackHole.closed(1);
});

test("the deadline ends an attempt that is still connecting, and its socket", async (t) => {
  const { sender, blackHole } = await intoBlackHole(t, 60_000);
  const took = startStopwatch();
  const exchange = await sender.send(outgoing({}, { timeoutMs: 200 }), new AbortController().signal);
  assert.ok(took() < 450);
  assert.ok(exchange.kind === "never_sent");
  assert.equal(exchange.error.code, "connection_timeout");
  await blackHole.closed(1);
});

const CANNOT_BE_SENT: Readonly<Record<string, Partial<StoredRequest>>> = {
  "a space in the path": { path: "/a b" },
  "a line break in the path": { path: "/a\r\nX-Evil: 1" },
  "a character above latin1 in the path": { path: "/\u4efb" },
  "an absolute URL": { path: "http://127.0.0.1:1/x" },
  "a path that begins with another host": { path: "//evil/x" },
  "an authority": { path: "evil:443" },
  "an asterisk": { path: "*", method: "OPTIONS" },
  "no path": { path: "" },
  "CRLF in a value": { headers: ["X-A", "1\r\nX-Evil: 1"] },
  "LF in a value": { headers: ["X-A", "1\nX-Evil: 1"] },
  "NUL in a value": { headers: ["X-A", "1\0"] },
  "CRLF in a name": { headers: ["X-A: 1\r\nX-Evil", "1"] },
  "a space in a name": { headers: ["X A", "1"] },
  "a value above latin1": { headers: ["X-A", "\u4efb"] },
  "a method that is none": { method: "GET /evil" },
  "OPTIONS that has come far enough": {
    method: "OPTIONS",
    headers: ["max-FORWARDS", " 0 "],
    body: EMPTY_BODY,
  },
  "TRACE that has come far enough": { method: "TRACE", headers: ["Max-Forwards", "00"], body: EMPTY_BODY },
  CONNECT: { method: "CONNECT" },
};

for (const [what, request] of Object.entries(CANNOT_BE_SENT)) {
  test(`${what} is not sent: http_request_error`, async (t) => {
    const { target, send } = await stage(t);
    const exchange = await send({ body: inline("x"), ...request });
    assert.ok(exchange.kind === "never_sent", JSON.stringify(exchange));
    assert.equal(exchange.error.code, "http_request_error");
    assert.equal((await send({})).kind, "answered");
    assert.equal(target.seen.length, 1);
  });
}

test("a stored body that cannot be read at all was never sent, one that breaks off was", async (t) => {
  const { target, send } = await stage(t);
  target.next(hang);
  const cut = await send({ method: "POST", body: { kind: "file", name: "cut", sizeBytes: 5_000_000 } });
  assert.deepEqual([cut.kind, "error" in cut && cut.error.code], ["unknown", "proxy_internal_error"]);
  const broken = await send({ method: "POST", body: { kind: "file", name: "broken", sizeBytes: 10 } });
  assert.deepEqual(
    [broken.kind, "error" in broken && broken.error.code],
    ["never_sent", "proxy_internal_error"],
  );
  assert.equal(target.seen.length, 1);
  assert.equal((await send({})).kind, "answered");
});

type Teardown = { after(run: () => unknown): void };

/** A target that takes connections and never shakes hands. */
async function intoBlackHole(t: Teardown, connectTimeoutMs: number) {
  const blackHole = await startTarget();
  const sender = createSender({
    ...senderSettings(new URL(`https://${blackHole.url.host}`)),
    connectTimeoutMs,
  });
  t.after(async () => {
    await blackHole.close();
    await sender.close();
  });
  return { blackHole, sender };
}

function trust(t: Teardown, certificate: string): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, certificate]);
  t.after(() => setDefaultCACertificates(before));
}
