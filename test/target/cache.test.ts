import assert from "node:assert/strict";
import { test } from "node:test";
import { raw, status } from "../rig/behaviour.ts";
import { headerOf } from "../rig/target.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";
import { inline } from "./stage.ts";

const FRESH = "Cache-Control: max-age=60";

test("a fresh answer is given again, as the target wrote it, without asking the target", async (t) => {
  const { target, send, bytes, unused } = await cacheStage(t);
  target.next(raw(ok("caf\u00e9", FRESH, "X-Second: 2", "x-FIRST: 1", "X-Second: 3", "Age: 7")));
  const first = await send({ path: "/a?b=%00" });
  const second = await send({ path: "/a?b=%00" });
  assert.equal(cacheStatus(first), "headgate; fwd=uri-miss; stored");
  assert.match(cacheStatus(second) ?? "", /^headgate; hit; ttl=5[0-3]$/);
  assert.equal(target.seen.length, 1);
  assert.equal(unused.count, 1);
  assert.ok(second.kind === "answered");
  assert.equal(second.target, "cache");
  assert.equal(second.response.status, 200);
  assert.deepEqual(second.response.headers.slice(0, -4), [
    "Cache-Control",
    "max-age=60",
    "X-Second",
    "2",
    "x-FIRST",
    "1",
    "X-Second",
    "3",
    "Content-Length",
    "4",
  ]);
  assert.deepEqual(second.response.headers.slice(-4, -1), ["Age", "7", "Cache-Status"]);
  assert.deepEqual(await bytes(second), await bytes(first));
});

test("an answer without freshness is not kept, unless the route says how long it is fresh", async (t) => {
  const plain = await cacheStage(t);
  await plain.send();
  assert.equal(cacheStatus(await plain.send()), "headgate; fwd=uri-miss");
  assert.equal(plain.target.seen.length, 2);

  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const timed = await cacheStage(t, { cache: { defaultTtlMs: 5_000 } });
  await timed.send();
  assert.equal(cacheStatus(await timed.send()), "headgate; hit; ttl=5");
  t.mock.timers.tick(4_000);
  assert.equal(cacheStatus(await timed.send()), "headgate; hit; ttl=1");
  t.mock.timers.tick(1_001);
  assert.equal(cacheStatus(await timed.send()), "headgate; fwd=stale; stored");
  assert.equal(timed.target.seen.length, 2);
});

test("the route's time is not for errors, which a target may mark as fresh itself", async (t) => {
  const { target, send } = await cacheStage(t, { cache: { defaultTtlMs: 60_000 } });
  target.next(status(404), status(404, ["Cache-Control", "max-age=60"]));
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss; stored");
  const third = await send();
  assert.match(cacheStatus(third) ?? "", /^headgate; hit/);
  assert.ok(third.kind === "answered");
  assert.equal(third.response.status, 404);
});

test("what Vary names keeps answers apart", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  const fields = [FRESH, "Vary: Accept-Language, X-Plan"];
  target.next(raw(ok("en", ...fields)), raw(ok("de", ...fields)), raw(ok("gold", ...fields)));
  const english = { headers: ["Accept-Language", "en"] };
  const german = { headers: ["accept-language", "de"] };
  const gold = { headers: ["Accept-Language", "en", "X-Plan", "gold"] };
  assert.equal(cacheStatus(await send(english)), "headgate; fwd=miss; stored");
  assert.equal(cacheStatus(await send(german)), "headgate; fwd=miss; stored");
  await send(gold);
  assert.equal((await bytes(await send(english))).toString(), "en");
  assert.equal((await bytes(await send(german))).toString(), "de");
  assert.equal((await bytes(await send(gold))).toString(), "gold");
  assert.equal(target.seen.length, 3);
});

test("fields that every task has of its own keep no answers apart", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(raw(ok("a", FRESH)));
  await send({ headers: ["X-Forwarded-For", "192.0.2.1", "traceparent", "1", "User-Agent", "a"] });
  const again = await send({ headers: ["X-Forwarded-For", "192.0.2.2", "traceparent", "2"] });
  assert.match(cacheStatus(again) ?? "", /^headgate; hit/);
});

for (const name of ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Unknown"]) {
  test(`whoever sends another ${name} does not choose the answer for the rest`, async (t) => {
    const { target, send } = await cacheStage(t);
    target.next(raw(ok("evil", FRESH)));
    await send({ headers: [name, "evil"] });
    assert.equal(cacheStatus(await send({ headers: [name, "good"] })), "headgate; fwd=uri-miss");
    assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
  });
}

const BYPASSED: readonly (readonly [string, readonly string[], string])[] = [
  ["Headgate-Cache: no-store", ["Headgate-Cache", "no-store"], "request"],
  ["Cache-Control: no-store", ["Cache-Control", "max-age=1, No-Store"], "request"],
  ["Range", ["Range", "bytes=0-1"], "bypass"],
  ["If-None-Match", ["If-None-Match", '"x"'], "bypass"],
];

for (const [name, headers, reason] of BYPASSED) {
  test(`a request with ${name} neither reads nor fills the cache`, async (t) => {
    const { target, send } = await cacheStage(t);
    target.next(raw(ok("a", FRESH)), raw(ok("b", FRESH)), raw(ok("c", FRESH)));
    assert.equal(cacheStatus(await send({ headers })), `headgate; fwd=${reason}`);
    assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss; stored");
    assert.equal(cacheStatus(await send({ headers })), `headgate; fwd=${reason}`);
    assert.equal(target.seen.length, 3);
    assert.match(cacheStatus(await send()) ?? "", /^headgate; hit/);
  });
}

test("a GET with a body is answered by the target each time", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(raw(ok("a", FRESH)), raw(ok("b", FRESH)));
  await send({ body: inline("one") });
  assert.equal(cacheStatus(await send({ body: inline("two") })), "headgate; fwd=bypass");
  assert.equal(target.seen.length, 2);
});

test("HEAD has answers of its own", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  target.next(status(200, ["Cache-Control", "max-age=60", "Content-Length", "5"]), raw(ok("hello", FRESH)));
  await send({ method: "HEAD" });
  await send();
  const head = await send({ method: "HEAD" });
  assert.match(cacheStatus(head) ?? "", /^headgate; hit/);
  assert.ok(head.kind === "answered");
  assert.equal(headerOf(head.response, "content-length"), "5");
  assert.equal(head.response.body.kind, "empty");
  assert.equal((await bytes(await send())).toString(), "hello");
  assert.equal(target.seen.length, 2);
});

test("an unsafe request makes the stored answer invalid", async (t) => {
  const { target, send, restart } = await cacheStage(t);
  const client = { headers: ["Authorization", "a"] };
  target.next(raw(ok("1", FRESH)), raw(ok("2", FRESH)), status(500), status(204));
  await send();
  await send(client);
  restart();
  await send({ method: "PUT", ...client });
  assert.match(cacheStatus(await send()) ?? "", /hit/);
  await send({ method: "PUT", ...client });
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send(client)), "headgate; fwd=uri-miss");
});

test("other methods and lanes without a cache are left as they are", async (t) => {
  const { target, send, lane } = await cacheStage(t);
  target.next(raw(ok("1", FRESH)), raw(ok("2", FRESH)));
  assert.equal(cacheStatus(await send({ method: "POST" })), undefined);
  assert.equal(cacheStatus(await send({}, { lane: { ...lane, cache: null } })), undefined);
});

test("pools have caches of their own", async (t) => {
  const { target, send, lane } = await cacheStage(t);
  target.next(raw(ok("1", FRESH)), raw(ok("2", FRESH)));
  await send();
  assert.equal(
    cacheStatus(await send({}, { lane: { ...lane, pool: "other" } })),
    "headgate; fwd=uri-miss; stored",
  );
});

test("the cache outlives the process, and in memory it does not", async (t) => {
  const onDisk = await cacheStage(t);
  onDisk.target.next(raw(ok("1", FRESH)));
  await onDisk.send();
  onDisk.restart();
  assert.match(cacheStatus(await onDisk.send()) ?? "", /hit/);

  const inMemory = await cacheStage(t, { inMemory: true });
  inMemory.target.next(raw(ok("1", FRESH)));
  await inMemory.send();
  assert.match(cacheStatus(await inMemory.send()) ?? "", /hit/);
  inMemory.restart();
  assert.equal(cacheStatus(await inMemory.send()), "headgate; fwd=uri-miss");
  assert.deepEqual((await inMemory.files()).length, 0);
});
