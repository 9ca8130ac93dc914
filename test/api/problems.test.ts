import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { HeadgateError } from "../../src/lib/error.ts";
import { openControl, UNKNOWN_ID } from "./control.ts";

const JSON_TYPE = { "content-type": "application/json" };

test("wrong input is a problem that names the field", async (t) => {
  const { app, submit } = await openControl(t);
  const task = `/task/${await submit()}`;
  const patch = (payload: string, headers: Record<string, string> = JSON_TYPE): InjectOptions => ({
    method: "PATCH",
    url: task,
    payload,
    headers,
  });
  const patchLane = (payload: string, headers?: Record<string, string>): InjectOptions => ({
    ...patch(payload, headers),
    url: "/lanes/default",
  });
  const cases: readonly [number, string | undefined, InjectOptions | string][] = [
    [400, "limit", "/tasks?limit=abc"],
    [400, "limit", "/tasks?limit=0"],
    [400, "limit", "/tasks?limit=1001"],
    [400, "limit", "/tasks?limit=1.5"],
    [400, "limit", "/tasks?limit="],
    [400, "limit", "/tasks?limit=1&limit=2"],
    [400, "status", "/tasks?status=done"],
    [400, "cursor", "/tasks?cursor=abc"],
    [400, "since", "/tasks?since=yesterday"],
    [400, "since", "/tasks?since=2026-02-04T03:04:05"],
    [400, "until", "/tasks?until=2026-13-01"],
    [400, "label", "/tasks?label=abc"],
    [400, "label", "/tasks?label==abc"],
    [400, "path", "/tasks?path="],
    [400, "stauts", "/tasks?stauts=failed"],
    [400, "__proto__", "/tasks?__proto__=1"],
    [400, "id", "/task/abc"],
    [400, "id", "/task/abc/result"],
    [400, "id", { method: "POST", url: "/task/abc/cancel" }],
    [400, "id", `/task/${"x".repeat(500)}`],
    [400, undefined, "/task/%zz"],
    [400, "wait", `${task}?wait=abc`],
    [400, "wait", `${task}?wait=61`],
    [400, "wait", `${task}?wait=-1`],
    [400, "max_age_hours", { method: "DELETE", url: "/tasks/cleanup?max_age_hours=-1" }],
    [400, "max_age_hours", { method: "DELETE", url: "/tasks/cleanup?max_age_hours=" }],
    [400, "max_age_hours", { method: "DELETE", url: "/tasks/cleanup?max_age_hours=1e9" }],
    [400, "max_age_hour", { method: "DELETE", url: "/tasks/cleanup?max_age_hour=1" }],
    [400, "priority", patch('{"priority":10}')],
    [400, "priority", patch('{"priority":"4"}')],
    [400, "priorty", patch('{"priorty":4}')],
    [400, "not_before", patch('{"not_before":"soon"}')],
    [400, "delay_seconds", patch('{"delay_seconds":-1}')],
    [400, "not_before", patch('{"not_before":"9999-12-31T23:59:59Z"}')],
    [400, "delay_seconds", patch('{"delay_seconds":1,"not_before":null}')],
    [400, undefined, patch("{}")],
    [400, undefined, patch("[]")],
    [400, undefined, patch("null")],
    [400, undefined, patch("{")],
    [400, undefined, patch("")],
    [400, undefined, patch('{"__proto__":{}}')],
    [400, undefined, { method: "PATCH", url: task }],
    [400, "max_concurrent", patchLane('{"max_concurrent":0}')],
    [400, "max_concurrent", patchLane('{"max_concurrent":100001}')],
    [400, "max_concurrent", patchLane('{"max_concurrent":1.5}')],
    [400, "max_concurrent", patchLane('{"max_concurrent":"many"}')],
    [400, "queue", patchLane('{"queue":0}')],
    [400, "queue", patchLane('{"queue":"7"}')],
    [400, "rate", patchLane('{"rate":"50"}')],
    [400, "rate", patchLane('{"rate":"0/s"}')],
    [400, "rate", patchLane('{"rate":50}')],
    [400, "rat", patchLane('{"queue":1,"rat":"50/s"}')],
    [400, undefined, patchLane("{}")],
    [400, undefined, patchLane("[]")],
    [415, "Content-Type", patchLane("queue=1", { "content-type": "text/plain" })],
    [404, undefined, "/lanes/other"],
    [404, undefined, `/lanes/${"x".repeat(500)}`],
    [404, undefined, { method: "POST", url: "/lanes/other/pause" }],
    [404, undefined, { method: "POST", url: "/lanes/default/stop" }],
    [400, undefined, "/lanes/%zz"],
    [413, undefined, patch(`{"priority":${" ".repeat(99_999)}4}`)],
    [415, "Content-Type", patch("priority=4", { "content-type": "application/x-www-form-urlencoded" })],
    [415, "Content-Type", patch("4", { "content-type": ";" })],
    [404, undefined, `/task/${UNKNOWN_ID}`],
    [404, undefined, `/task/${UNKNOWN_ID}/result`],
    [404, undefined, `${task}/events/x`],
    [404, undefined, "/dashboard/assets/x.js"],
    [404, undefined, "/tasks/"],
    [404, undefined, { method: "POST", url: "/task/", payload: "x", headers: { "content-type": "a/b" } }],
  ];
  for (const [status, field, request] of cases) {
    const answer = await app.inject(request);
    const name = JSON.stringify(request).slice(0, 100);
    assert.equal(answer.statusCode, status, name);
    assert.equal(answer.headers["content-type"], "application/problem+json", name);
    const body = answer.json<Record<string, unknown>>();
    assert.deepEqual([body["status"], body["success"], body["field"]], [status, false, field], name);
    assert.ok(typeof body["message"] === "string" && !body["message"].includes("undefined"), name);
    if (field !== undefined && status === 400) assert.ok(body["message"].startsWith(field), body["message"]);
  }
});

test("a wrong method is told which there are", async (t) => {
  const { app } = await openControl(t);
  const cases: readonly [string, string, string][] = [
    ["POST", "/tasks", "GET, HEAD"],
    ["PUT", `/task/${UNKNOWN_ID}`, "DELETE, GET, HEAD, PATCH"],
    ["OPTIONS", `/task/${UNKNOWN_ID}`, "DELETE, GET, HEAD, PATCH"],
    ["PROPFIND", "/stats", "GET, HEAD"],
    ["GET", "/tasks/cleanup?max_age_hours=1", "DELETE"],
    ["GET", `/task/${UNKNOWN_ID}/cancel`, "POST"],
    ["GET", "/lanes/default/pause", "POST"],
    ["DELETE", "/lanes/default", "GET, HEAD, PATCH"],
    ["POST", "/metrics", "GET, HEAD"],
  ];
  for (const [method, url, allow] of cases) {
    const answer = await app.inject({ method: method as "GET", url });
    assert.deepEqual([answer.statusCode, answer.headers["allow"]], [405, allow], `${method} ${url}`);
    assert.equal(answer.json<{ code: string }>().code, "method_not_allowed");
  }
});

test("the unexpected is reported, not told", async (t) => {
  const secret = new Error("secret");
  const { app, unexpected } = await openControl(t, { find: () => Promise.reject(secret) });
  const answer = await app.inject(`/task/${UNKNOWN_ID}`);
  assert.equal(answer.statusCode, 500);
  assert.ok(!answer.body.includes("secret"));
  assert.deepEqual(unexpected, [secret]);
});

test("what is known is told, not reported", async (t) => {
  const full = new HeadgateError("storage_full", "There is no room.");
  const { app, unexpected } = await openControl(t, { cancel: () => Promise.reject(full) });
  const answer = await app.inject({ method: "POST", url: `/task/${UNKNOWN_ID}/cancel` });
  assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [507, "storage_full"]);
  assert.deepEqual(unexpected, []);
});

test("a body in a content coding is refused by name, where one is read", async (t) => {
  const { app } = await openControl(t);
  const coded = { "content-type": "application/json", "content-encoding": "gzip" };
  for (const url of ["/tasks/batch", "/tasks/cancel"]) {
    const { statusCode, headers, json } = await app.inject({
      method: "POST",
      url,
      headers: coded,
      payload: "x",
    });
    assert.deepEqual([statusCode, headers["accept-encoding"]], [415, "identity"], url);
    assert.equal(json<{ field: string }>().field, "Content-Encoding");
  }
  const plain = { ...coded, "content-encoding": "Identity" };
  const payload = `{"all": true}`;
  assert.equal(
    (await app.inject({ method: "POST", url: "/tasks/cancel", headers: plain, payload })).statusCode,
    200,
  );
});
