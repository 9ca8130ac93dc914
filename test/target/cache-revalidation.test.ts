import assert from "node:assert/strict";
import { test } from "node:test";
import { headerValue } from "../../src/task/header.ts";
import { raw, rawThen, status } from "../rig/behaviour.ts";
import { headerOf } from "../rig/target.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";

test("a stale answer is asked about, and a 304 makes it fresh", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  target.next(
    raw(ok("body", 'ETag: "1"', "Cache-Control: max-age=0", "X-Kept: 1", "X-New: old")),
    status(304, ["ETag", '"1"', "Cache-Control", "max-age=60", "x-new", "new", "Content-Length", "9"]),
  );
  await send();
  const second = await send();
  assert.equal(cacheStatus(second), "headgate; fwd=stale; fwd-status=304; stored");
  assert.equal(headerOf(target.seen[1] ?? { headers: [] }, "if-none-match"), '"1"');
  const third = await send();
  assert.match(cacheStatus(third) ?? "", /^headgate; hit; ttl=(?:59|60)$/);
  for (const exchange of [second, third]) {
    assert.ok(exchange.kind === "answered");
    assert.equal(exchange.response.status, 200);
    assert.equal((await bytes(exchange)).toString(), "body");
    const { headers } = exchange.response;
    assert.equal(headerValue(headers, "x-kept"), "1");
    assert.equal(headerValue(headers, "x-new"), "new");
    assert.equal(headerValue(headers, "content-length"), "4");
    assert.equal(headerValue(headers, "cache-control"), "max-age=60");
  }
  assert.equal(target.seen.length, 2);
});

test("a stale answer is replaced by another", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  target.next(
    raw(ok("old", 'ETag: "1"', "Cache-Control: no-cache")),
    raw(ok("new", 'ETag: "2"', "Cache-Control: max-age=60")),
  );
  await send();
  const second = await send();
  assert.equal(cacheStatus(second), "headgate; fwd=stale; stored");
  assert.equal((await bytes(second)).toString(), "new");
  assert.equal((await bytes(await send())).toString(), "new");
});

test("a fresh answer is asked about when the request wants that", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(raw(ok("a", 'ETag: "1"', "Cache-Control: max-age=60")), status(304));
  await send();
  const asked = await send({ headers: ["Cache-Control", "no-cache"] });
  assert.match(cacheStatus(asked) ?? "", /^headgate; fwd=request; fwd-status=304/);
});

test("a 304 about another version is no answer, and what it does not fit is forgotten", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(raw(ok("a", 'ETag: "1"', "Cache-Control: no-cache")), status(304, ["ETag", '"2"']));
  await send();
  const second = await send();
  assert.ok(second.kind === "unknown");
  assert.equal(second.error.code, "http_protocol_error");
  await send();
  assert.equal(headerOf(target.seen[2] ?? { headers: [] }, "if-none-match"), null);
});

test("a stale answer is no substitute for one that fails, nor given while the target is asked", async (t) => {
  const { target, send } = await cacheStage(t);
  const grace = "Cache-Control: max-age=0, stale-while-revalidate=60, stale-if-error=60";
  target.next(raw(ok("a", 'ETag: "1"', grace)), status(503), rawThen("close"));
  await send();
  const second = await send();
  assert.ok(second.kind === "answered");
  assert.equal(second.response.status, 503);
  assert.equal((await send()).kind, "unknown");
  assert.equal(target.seen.length, 3);
});

test("a 304 that nobody asked for is handed on", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(status(304, ["Cache-Control", "max-age=60"]));
  const exchange = await send();
  assert.ok(exchange.kind === "answered");
  assert.equal(exchange.response.status, 304);
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
});

test("only-if-cached asks no target", async (t) => {
  const { target, send } = await cacheStage(t);
  const exchange = await send({ headers: ["Cache-Control", "only-if-cached"] });
  assert.ok(exchange.kind === "answered");
  assert.equal(exchange.response.status, 504);
  assert.equal(cacheStatus(exchange), "headgate; detail=only-if-cached");
  assert.equal(target.seen.length, 0);
});
