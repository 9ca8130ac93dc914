// Answers that point elsewhere, as `headgateFetch` takes them: like `fetch`, but without the key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { headgateFetch } from "../../client/headgate-fetch.ts";
import { type Reply, startStandIn } from "../cli/stand-in.ts";

function to(location: string, status = 302): Reply {
  return (response) => {
    response.writeHead(status, { Location: location, "Headgate-Task-Id": "t" });
    response.end("moved");
  };
}

const arrived: Reply = (response) => void response.setHeader("Headgate-Task-Id", "t").end("there");

test("a redirect of the service is followed through the queue, as the request says", async (t) => {
  const server = await startStandIn(t, {
    "POST /a": to("/b"),
    "GET /b": to("c?d", 308),
    "GET /c?d": arrived,
  });
  const queued = headgateFetch(server.url, { key: "hg_secret" });
  const init = { method: "POST", body: "content", headers: { "Content-Type": "text/plain", "X-Own": "1" } };
  assert.equal(await (await queued("/a", init)).text(), "there");
  assert.deepEqual(
    server.seen.map(({ body, headers }) => [
      headers["headgate-key"],
      headers["x-own"],
      headers["content-type"],
      body,
    ]),
    [
      ["hg_secret", "1", "text/plain", "content"],
      ["hg_secret", "1", undefined, ""],
      ["hg_secret", "1", undefined, ""],
    ],
  );
  const kept = await queued("/a", { ...init, redirect: "manual" });
  assert.deepEqual([kept.status, kept.headers.get("location"), await kept.text()], [302, "/b", "moved"]);
  await assert.rejects(queued("/a", { ...init, redirect: "error" }), TypeError);
});

test("a body goes on where the method does, and a circle ends", async (t) => {
  const server = await startStandIn(t, {
    "PUT /a": to("/b", 307),
    "PUT /b": arrived,
    "GET /circle": to("/circle"),
  });
  const queued = headgateFetch(server.url);
  await queued("/a", { method: "PUT", body: "content" });
  assert.equal(server.seen[1]?.body, "content");
  await assert.rejects(queued("/circle"), /Too many redirects/);
});

test("each redirect has a key of its own for Headgate, and the caller's goes on to the service", async (t) => {
  const server = await startStandIn(t, {
    "PUT /a": to("/b", 307),
    "PUT /b": to("/c", 303),
    "GET /c": arrived,
  });
  const queued = headgateFetch(server.url);
  for (const own of [undefined, "own"]) {
    const headers = {
      "Idempotency-Key": "payment-4711",
      ...(own === undefined ? {} : { "Headgate-Idempotency-Key": own }),
    };
    await queued("/a", { method: "PUT", body: "content", headers });
    const [first, ...more] = server.seen
      .slice(-3)
      .map((seen) => (assert.equal(seen.headers["idempotency-key"], "payment-4711"), seen.headers))
      .map((seen) => seen["headgate-idempotency-key"]);
    assert.equal(first, own);
    for (const key of more) assert.match(String(key), /^[\da-f]{32}$/);
    assert.notEqual(more[0], more[1]);
  }
});

test("elsewhere it is asked without a queue, a key or credentials", async (t) => {
  const elsewhere = await startStandIn(t, { "GET /x": arrived });
  const server = await startStandIn(t, { "GET /a": to(`${elsewhere.url}/x`) });
  const queued = headgateFetch(server.url, { key: "hg_secret" });
  const given = {
    Authorization: "Bearer of the service",
    "X-Own": "1",
    "headgate-KEY": "hg_of_the_caller",
    "Headgate-Callback": "https://example.com/hook?secret",
  };
  await queued("/a", { headers: given });
  assert.equal(server.seen[0]?.headers["headgate-key"], "hg_of_the_caller");
  const headers = elsewhere.seen[0]?.headers ?? {};
  assert.equal(headers["x-own"], "1");
  for (const name of ["authorization", "prefer"]) assert.equal(headers[name], undefined, name);
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith("headgate-")),
    [],
  );
});

test("an answer that came late is not followed by itself", async (t) => {
  const server = await startStandIn(t, {
    "GET /a": (response) => {
      response.writeHead(202, { "Headgate-Task-Id": "t", "Operation-Location": "/task/t" });
      response.end();
    },
    "GET /task/t?wait=30.000": (response) =>
      response.end('{"success": true, "task_id": "t", "status": "completed", "response": {"status": 302}}'),
    "GET /task/t/result": to("/b"),
  });
  const answer = await headgateFetch(server.url)("/a", { redirect: "manual" });
  assert.deepEqual([answer.status, answer.headers.get("location")], [302, "/b"]);
});

test("what is no request to a service is not queued", async (t) => {
  const server = await startStandIn(t, {});
  assert.equal(await (await headgateFetch(server.url)("data:text/plain,here")).text(), "here");
  assert.equal(server.seen.length, 0);
});
