import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Exchange } from "../../src/task/exchange.ts";
import { type Behaviour, raw, rawThen, stream } from "../rig/behaviour.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";

/** Behaves so when the test releases it. */
function held(behaviour: Behaviour): Behaviour {
  return async (call) => {
    await call.released;
    await behaviour(call);
  };
}

function countBy(exchanges: readonly Exchange[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const exchange of exchanges) {
    const status = cacheStatus(exchange) ?? "none";
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

test("fifty requests at once that are the same are one at the target", async (t) => {
  const { target, send, bytes, unused } = await cacheStage(t);
  target.next(held(raw(ok("shared"))));
  const sending = Array.from({ length: 50 }, (_, i) => send({ headers: ["X-Request-Id", String(i)] }));
  await target.received(1);
  target.release();
  const exchanges = await Promise.all(sending);
  assert.deepEqual(countBy(exchanges), {
    "headgate; fwd=uri-miss": 1,
    "headgate; fwd=uri-miss; collapsed": 49,
  });
  for (const exchange of exchanges) assert.equal((await bytes(exchange)).toString(), "shared");
  assert.equal(target.seen.length, 1);
  assert.equal(unused.count, 49);
});

test("without coalescing each request is one at the target", async (t) => {
  const { target, send } = await cacheStage(t, { cache: { coalesce: false } });
  const sending = [send(), send()];
  await target.received(2);
  assert.deepEqual(countBy(await Promise.all(sending)), { "headgate; fwd=uri-miss": 2 });
});

test("those who wait for a stale answer to be asked about share that, too", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(
    raw(ok("a", 'ETag: "1"', "Cache-Control: max-age=0")),
    held(raw("HTTP/1.1 304 Not Modified\r\n\r\n")),
  );
  await send();
  const sending = [send(), send(), send()];
  await target.received(2);
  target.release();
  assert.deepEqual(countBy(await Promise.all(sending)), {
    "headgate; fwd=stale; fwd-status=304; stored": 1,
    "headgate; fwd=stale; fwd-status=304; stored; collapsed": 2,
  });
  assert.equal(target.seen.length, 2);
});

for (const field of [
  "Set-Cookie: session=1",
  "Cache-Control: no-store",
  "Cache-Control: private",
  "Vary: Accept, x-forwarded-for",
  "Vary: *",
]) {
  test(`an answer with ${field} is for the one who asked`, async (t) => {
    const { target, send, unused } = await cacheStage(t);
    target.next(held(raw(ok("mine", field))));
    const sending = [send(), send(), send()];
    await target.received(1);
    target.release();
    const [mine, ...others] = await Promise.all(sending);
    assert.ok(mine?.kind === "answered");
    for (const other of others) assert.equal(cacheStatus(other), "headgate; fwd=miss");
    assert.equal(target.seen.length, 3);
    assert.equal(unused.count, 0);
  });
}

test("the next one asks the target when the one who did is cancelled", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  target.next(held(raw(ok("never"))), raw(ok("shared")));
  const leader = new AbortController();
  const sending = [send({}, { signal: leader.signal }), send(), send()];
  await target.received(1);
  leader.abort("cancelled");
  const [cancelled, ...others] = await Promise.all(sending);
  assert.equal(cancelled?.kind, "cancelled");
  assert.deepEqual(countBy(others), {
    "headgate; fwd=uri-miss": 1,
    "headgate; fwd=uri-miss; collapsed": 1,
  });
  for (const other of others) assert.equal((await bytes(other)).toString(), "shared");
  assert.equal(target.seen.length, 2);
});

test("the deadline of the one who asks the target is no other's", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(held(raw(ok("never"))), raw(ok("in time")));
  const sending = [send({}, { timeoutMs: 1_000 }), send()];
  const [late, other] = await Promise.all(sending);
  assert.equal(late?.kind, "unknown");
  assert.equal(other?.kind, "answered");
  assert.equal(target.seen.length, 2);
});

test("who waits leaves at the deadline of its own and when it is cancelled, and the rest go on", async (t) => {
  const { target, send, unused } = await cacheStage(t);
  target.next(held(raw(ok("a"))));
  const abort = new AbortController();
  const first = send();
  await target.received(1);
  const others = [
    send({}, { timeoutMs: 20 }),
    send({}, { signal: abort.signal }),
    send({}, { signal: AbortSignal.abort("interrupted") }),
  ];
  const late = await others[0];
  assert.ok(late?.kind === "unknown");
  assert.equal(late.error.code, "http_response_timeout");
  abort.abort("cancelled");
  assert.deepEqual(await others[1], { kind: "cancelled", target: null });
  assert.deepEqual(await others[2], { kind: "interrupted", target: null, sent: false });
  assert.equal(unused.count, 3);
  target.release();
  assert.equal((await first).kind, "answered");
  assert.equal(target.seen.length, 1);
});

test("a failure is everybody's, and the next request starts anew", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(held(rawThen("reset")));
  const sending = [send(), send(), send()];
  await target.received(1);
  target.release();
  assert.deepEqual(countBy(await Promise.all(sending)), { unknown: 3 });
  assert.equal((await send()).kind, "answered");
});

test("what could not be sent for one could not for the others", async (t) => {
  const { target, send, unused } = await cacheStage(t);
  await target.close();
  assert.deepEqual(countBy(await Promise.all([send(), send()])), { never_sent: 2 });
  assert.equal(unused.count, 1);
});

test("a large answer is copied by name for those who waited, and goes with the last of them", async (t) => {
  const { target, send, bytes, files } = await cacheStage(t);
  target.next(held(stream(3_000_000)));
  const abort = new AbortController();
  const sending = [send(), send(), send()];
  await target.received(1);
  const left = send({}, { signal: abort.signal });
  await nextTurn();
  abort.abort("cancelled");
  target.release();
  const names = new Set<string>();
  for (const exchange of await Promise.all(sending)) {
    assert.ok(exchange.kind === "answered" && exchange.response.body.kind === "file");
    names.add(exchange.response.body.name);
    assert.equal((await bytes(exchange)).length, 3_000_000);
  }
  assert.equal((await left).kind, "cancelled");
  assert.equal(names.size, 3);
  assert.equal((await files()).length, 3);
  assert.equal(target.seen.length, 1);
});
