// That each place is used or given back, once, is checked by the stage at the end of every test of the cache.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Behaviour, raw, rawThen } from "../rig/behaviour.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";

const FRESH = "Cache-Control: max-age=60";
const POSTPONED = { kind: "postponed", target: null, reason: "queued", until: null };

function held(behaviour: Behaviour): Behaviour {
  return async (call) => {
    await call.released;
    await behaviour(call);
  };
}

test("requests that wait for another's call hold no place meanwhile", async (t) => {
  const { target, send, unused } = await cacheStage(t);
  target.next(held(raw(ok("a"))));
  const sending = Array.from({ length: 6 }, () => send());
  await target.received(1);
  assert.equal(unused.count, 5);
  target.release();
  await Promise.all(sending);
  assert.equal(unused.count, 5);
});

test("a hit and an only-if-cached give their place back, a miss uses it", async (t) => {
  const { target, send, unused } = await cacheStage(t);
  target.next(raw(ok("a", FRESH)));
  await send({ headers: ["Cache-Control", "only-if-cached"] });
  assert.equal(unused.count, 1);
  await send();
  assert.equal(unused.count, 1);
  await send();
  assert.equal(unused.count, 2);
});

test("who needs a call of its own after all takes a place for it, or is postponed", async (t) => {
  const { target, send, free, unused } = await cacheStage(t);
  target.next(held(raw(ok("mine", "Set-Cookie: session=1"))));
  const sending = [send(), send(), send()];
  await target.received(1);
  free.count = 1;
  target.release();
  const [mine, ...others] = await Promise.all(sending);
  assert.equal(cacheStatus(mine ?? assert.fail()), "headgate; fwd=uri-miss");
  assert.deepEqual(others.map(({ kind }) => kind).toSorted(), ["answered", "postponed"]);
  assert.deepEqual(
    others.find(({ kind }) => kind === "postponed"),
    POSTPONED,
  );
  assert.equal(target.seen.length, 2);
  assert.equal(unused.count, 1);
});

test("of those who waited for one that is cancelled one needs a place", async (t) => {
  const { target, send, free } = await cacheStage(t);
  target.next(held(raw(ok("never"))), raw(ok("shared")));
  const leader = new AbortController();
  const sending = [send({}, { signal: leader.signal }), send(), send(), send()];
  await target.received(1);
  free.count = 1;
  leader.abort("cancelled");
  const [cancelled, ...others] = await Promise.all(sending);
  assert.equal(cancelled?.kind, "cancelled");
  for (const { kind } of others) assert.equal(kind, "answered");
  assert.equal(free.count, 0);
  assert.equal(target.seen.length, 2);
});

test("where there is none they are all postponed, and the target is not asked", async (t) => {
  const { target, send, free } = await cacheStage(t);
  target.next(held(raw(ok("never"))));
  const leader = new AbortController();
  const sending = [send({}, { signal: leader.signal }), send(), send()];
  await target.received(1);
  free.count = 0;
  leader.abort("cancelled");
  const [, ...others] = await Promise.all(sending);
  assert.deepEqual(others, [POSTPONED, POSTPONED]);
  assert.equal(target.seen.length, 1);
});

test("a failure and a request that leaves take no place anew", async (t) => {
  const { target, send, free, unused } = await cacheStage(t);
  target.next(held(rawThen("reset")));
  const abort = new AbortController();
  free.count = 0;
  const sending = [send(), send(), send({}, { signal: abort.signal }), send({}, { timeoutMs: 20 })];
  await target.received(1);
  abort.abort("cancelled");
  await sending[3];
  target.release();
  assert.deepEqual(
    (await Promise.all(sending)).map(({ kind }) => kind),
    ["unknown", "unknown", "cancelled", "unknown"],
  );
  assert.equal(unused.count, 3);
});
