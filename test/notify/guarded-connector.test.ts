import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { LookupFailedError, toLookupError, UnknownHostError } from "../../src/notify/guarded-connector.ts";
import { createPoster, type Reply } from "../../src/notify/post.ts";

async function listen(t: TestContext): Promise<{ readonly port: number; readonly calls: string[] }> {
  const calls: string[] = [];
  const server: Server = createServer((request, response) => {
    calls.push(String(request.headers.host));
    if (request.url === "/redirect") response.writeHead(302, { Location: "/elsewhere" });
    response.end();
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port, calls };
}

async function post(t: TestContext, url: string, allow: readonly string[] = []): Promise<Reply> {
  const poster = createPoster({ allow, timeoutMs: 2_000, clock: createClock() });
  t.after(() => poster.close());
  return poster.post({ url: new URL(url), headers: {}, body: "{}" });
}

test("every way to write this machine ends before a byte is sent", async (t) => {
  const { port, calls } = await listen(t);
  const hosts = [
    "127.0.0.1",
    "localhost",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "127.1",
    "[::ffff:127.0.0.1]",
  ];
  for (const host of hosts) {
    const reply = await post(t, `http://${host}:${port}/`);
    assert.equal(reply.noAddress, "forbidden", `${host}: ${reply.error}`);
    assert.match(String(reply.error), /not a public address/);
  }
  assert.deepEqual(calls, []);
});

test("what is allowed is called, by address and by name; a redirect is an answer", async (t) => {
  const { port, calls } = await listen(t);
  for (const host of ["127.0.0.1", "localhost"]) {
    assert.equal((await post(t, `http://${host}:${port}/`, ["127.0.0.1", "::1"])).status, 200);
  }
  assert.equal((await post(t, `http://127.0.0.1:${port}/redirect`, ["127.0.0.0/8"])).status, 302);
  assert.equal(calls.length, 3);
});

test("a name that stands for nothing is told apart from one that may not be called", async (t) => {
  const reply = await post(t, "http://nowhere.invalid/");
  assert.equal(reply.noAddress, "unknown", String(reply.error));
});

test("a name service that is down says nothing of a name", () => {
  const failed = (code: string): unknown => toLookupError(Object.assign(new Error("getaddrinfo"), { code }));
  for (const code of ["ENOTFOUND", "ENODATA"]) assert.ok(failed(code) instanceof UnknownHostError, code);
  for (const code of ["EAI_AGAIN", "EAI_FAIL", "ETIMEOUT", "ENOMEM"]) {
    const error = failed(code);
    assert.ok(error instanceof LookupFailedError, code);
    assert.equal(error.code, "lookup_failed");
    assert.match(error.message, new RegExp(`^Its host could not be looked up now \\(${code}\\)\\.$`));
  }
});
