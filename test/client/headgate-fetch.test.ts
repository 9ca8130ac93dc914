import assert from "node:assert/strict";
import { test } from "node:test";
import { headgateFetch } from "../../client/headgate-fetch.ts";
import { inTurn, json, problem, type Reply, startStandIn } from "../cli/stand-in.ts";

test("a path of Headgate's own comes once before that of a request", async (t) => {
  const server = await startStandIn(t, {});
  const queued = headgateFetch(`${server.url}/queue/`);
  const inputs = ["/x?a=b", "x?a=b", `${server.url}/queue/x?a=b`, new URL(`${server.url}/x?a=b`)];
  for (const input of inputs) await queued(input);
  await queued(new Request("http://127.0.0.1:9/x?a=b"));
  for (const { call } of server.seen) assert.equal(call, "GET /queue/x?a=b");
  assert.equal(server.seen.length, 5);
  await queued(`${server.url}/queue`);
  await queued(`${server.url}/queued`);
  assert.deepEqual(
    server.seen.slice(5).map(({ call }) => call),
    ["GET /queue/", "GET /queue/queued"],
  );
});

test("what breaks off, or comes while Headgate starts, is sent again under one key", async (t) => {
  const server = await startStandIn(t, {
    "POST /x": inTurn(
      (response) => response.destroy(),
      problem(503, "not_ready", "Starting."),
      (response) => void response.setHeader("Headgate-Task-Id", "t").end("answer"),
    ),
  });
  const answer = await headgateFetch(server.url)("/x", { method: "POST", body: "content" });
  assert.equal(await answer.text(), "answer");
  const [first, second, third] = server.seen.map(({ headers, body }) => [
    headers["headgate-idempotency-key"],
    body,
  ]);
  assert.deepEqual([second, third], [first, first]);
});

test("what Headgate has cancelled because the connection broke is a broken connection", async (t) => {
  const gone =
    (type: string): Reply =>
    (response) => {
      response.writeHead(410, { "Content-Type": "application/problem+json", "Headgate-Task-Id": "t" });
      response.end(JSON.stringify({ type, code: "cancelled", status: 410, detail: "words" }));
    };
  const broken: Reply = (response) => response.destroy();
  const server = await startStandIn(t, {
    "GET /x": inTurn(broken, gone("urn:headgate:problem:cancelled")),
    "GET /y": gone("urn:headgate:problem:cancelled"),
    "GET /z": inTurn(broken, gone("about:blank")),
  });
  const queued = headgateFetch(server.url);
  await assert.rejects(queued("/x"), TypeError);
  // Somebody else did, or it is the service that says so.
  assert.equal((await queued("/y")).status, 410);
  assert.equal((await queued("/z")).status, 410);
});

test("a body is sent where requests do not show theirs as a stream", async (t) => {
  const server = await startStandIn(t, { "POST /x": json({}), "GET /x": json({}) });
  const queued = headgateFetch(server.url);
  t.mock.getter(Request.prototype, "body", () => undefined);
  assert.equal((await queued("/x", { method: "POST", body: new URLSearchParams({ a: "1" }) })).status, 200);
  assert.equal((await queued("/x")).status, 200);
  assert.deepEqual(
    server.seen.map(({ body, headers }) => [body, headers["content-type"], headers["headgate-abandon"]]),
    [
      ["a=1", "application/x-www-form-urlencoded;charset=UTF-8", "cancel"],
      ["", undefined, "cancel"],
    ],
  );
});
