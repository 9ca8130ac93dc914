// A pool of targets: who is chosen, who is tried next, and what a task gets when there is nobody.

import assert from "node:assert/strict";
import { test } from "node:test";
import { headerOf } from "../rig/target.ts";
import { deadEnd, newPool, poolStage } from "./pool-stage.ts";
import { echoOf, inline } from "./stage.ts";

test("targets take turns, and the answer names the one it is from", async (t) => {
  const { targets, send } = await poolStage(t, { targets: 3 });
  for (let i = 0; i < 9; i++) {
    const exchange = await send({ path: `/echo/${i}` });
    assert.equal(exchange.target, targets[i % 3]!.url.origin);
    assert.equal(echoOf(exchange).path, `/echo/${i}`);
  }
  for (const { seen } of targets) assert.equal(seen.length, 3);
});

test("what could not be sent to one target goes to another at once, with its body and its attempt", async (t) => {
  const { targets, pools, send, events } = await poolStage(t);
  pools.configure([newPool([await deadEnd(), targets[0]!.url])]);
  for (let i = 0; i < 2; i++) {
    const exchange = await send({ method: "POST", body: inline("hello") }, { attempt: 1 });
    assert.equal(exchange.kind, "answered", JSON.stringify(exchange));
    assert.equal(exchange.target, targets[0]!.url.origin);
    assert.equal(echoOf(exchange).sizeBytes, 5);
    assert.equal(headerOf(echoOf(exchange), "headgate-attempt"), "1");
  }
  assert.equal(targets[0]!.seen.length, 2);
  assert.deepEqual(events, []);
  const [dead, alive] = pools.states();
  assert.deepEqual([dead?.failures, dead?.lastFailure, dead?.inFlight], [1, "connection_refused", 0]);
  assert.deepEqual([alive?.failures, alive?.lastFailure, alive?.inFlight], [0, null, 0]);
});

test("when none can be reached each is tried once, and the last one is named", async (t) => {
  const { pools, send } = await poolStage(t);
  const urls = [await deadEnd(), await deadEnd(), await deadEnd()];
  pools.configure([newPool(urls)]);
  const exchange = await send();
  assert.ok(exchange.kind === "never_sent");
  assert.equal(exchange.error.code, "connection_refused");
  assert.equal(exchange.target, urls[2]!.origin);
  assert.deepEqual(
    pools.states().map(({ failures }) => failures),
    [1, 1, 1],
  );
});

test("what cannot be sent at all is not tried elsewhere, and tells nothing against the target", async (t) => {
  const { targets, pools, send } = await poolStage(t, { targets: 2 });
  for (let i = 0; i < 10; i++) {
    const exchange = await send({ path: "//evil/" });
    assert.ok(exchange.kind === "never_sent");
    assert.equal(exchange.target, targets[i % 2]!.url.origin);
    assert.equal(exchange.error.code, "http_request_error");
  }
  for (const { failures, circuit } of pools.states()) assert.deepEqual([failures, circuit], [0, "closed"]);
});

test("what was sent is not tried elsewhere", async (t) => {
  const { targets, send } = await poolStage(t, { targets: 2 });
  const kinds: string[] = [];
  for (const path of ["/reset-unanswered", "/invalid-http", "/status/503"]) {
    kinds.push((await send({ method: "POST", path })).kind);
  }
  assert.deepEqual(kinds, ["unknown", "unknown", "answered"]);
  assert.equal(targets[0]!.seen.length + targets[1]!.seen.length, 3);
});

test("the time of an attempt covers all targets it is tried at", async (t) => {
  const { targets, pools, clock, send } = await poolStage(t);
  const blackHole = new URL(`https://${targets[0]!.url.host}`);
  pools.configure([newPool([blackHole, await deadEnd()])]);
  const sending = send({}, { timeoutMs: 1_500 });
  await connected(targets[0]!);
  clock.advance(1_500);
  const exchange = await sending;
  assert.ok(exchange.kind === "never_sent");
  assert.equal(exchange.error.code, "connection_timeout");
  assert.equal(exchange.target, blackHole.origin);
  assert.equal(pools.states()[1]?.lastFailure, null, "no time was left for the other");
});

test("a second target has only the time that is left", async (t) => {
  const { targets, pools, clock, send } = await poolStage(t, { targets: 2 });
  const blackHole = new URL(`https://${targets[0]!.url.host}`);
  pools.configure([newPool([blackHole, targets[1]!.url])]);
  const sending = send({ path: "/hang" }, { timeoutMs: 5_000, id: "a" });
  await connected(targets[0]!);
  assert.equal(pools.targetOf("a"), blackHole.origin);
  clock.advance(2_000);
  await targets[1]!.received(1);
  assert.equal(pools.targetOf("a"), targets[1]!.url.origin);
  clock.advance(3_000);
  const exchange = await sending;
  assert.ok(exchange.kind === "unknown");
  assert.equal(exchange.error.code, "http_response_timeout");
  assert.equal(pools.targetOf("a"), null);
});

test("cancelled while one target is being connected to, no other is tried", async (t) => {
  const { targets, pools, send } = await poolStage(t, { targets: 2 });
  const blackHole = new URL(`https://${targets[0]!.url.host}`);
  pools.configure([newPool([blackHole, targets[1]!.url])]);
  const controller = new AbortController();
  const sending = send({}, { signal: controller.signal });
  await connected(targets[0]!);
  controller.abort("cancelled");
  assert.deepEqual(await sending, { kind: "cancelled", target: blackHole.origin });
  assert.equal(targets[1]!.seen.length, 0);
  assert.equal(pools.states()[0]?.failures, 0);
});

test("a task that is broken off before is sent nowhere", async (t) => {
  const { targets, send } = await poolStage(t);
  const cancelled = await send({}, { signal: AbortSignal.abort("cancelled") });
  assert.deepEqual(cancelled, { kind: "cancelled", target: null });
  const interrupted = await send({}, { signal: AbortSignal.abort("interrupted") });
  assert.deepEqual(interrupted, { kind: "interrupted", target: null, sent: false });
  assert.equal(targets[0]!.seen.length, 0);
});

test("nobody to send to: the task is put back, untried", async (t) => {
  const { pools, send } = await poolStage(t, { each: { maxConcurrent: 1 } });
  const put = { kind: "postponed", target: null, reason: "queued", until: null };
  assert.deepEqual(await send({}, { pool: "other" }), put);
  assert.equal(pools.capacityOf("other").reserve("lane", 5), 0);
  assert.deepEqual(pools.capacityOf("other").hold("lane"), { kind: "no_route", until: null });
  pools.configure([newPool([])]);
  assert.deepEqual(await send(), put);
  assert.deepEqual(pools.capacityOf("default").hold("lane"), { kind: "no_healthy_target", until: null });
});

test("hash sends the same key to the same target, and elsewhere only while that is gone", async (t) => {
  const { targets, pools, config, send } = await poolStage(t, {
    targets: 3,
    pool: { balance: { by: "hash", key: { header: "x-user" } } },
  });
  const headers = ["X-User", "ann"];
  const home = (await send({ headers })).target;
  for (let i = 0; i < 5; i++) assert.equal((await send({ headers, path: `/echo/${i}` })).target, home);
  const others = config.targets.filter(({ url }) => url.origin !== home);
  pools.configure([{ ...config, targets: others }]);
  assert.notEqual((await send({ headers })).target, home);
  pools.configure([config]);
  assert.equal((await send({ headers })).target, home);
  assert.equal(targets.length, 3);
});

test("closing waits for what is under way, and afterwards nothing is sent", async (t) => {
  const { targets, pools, send } = await poolStage(t, { targets: 2 });
  const sending = [send({ path: "/slow" }), send({ path: "/slow" })];
  await Promise.all(targets.map((target) => target.received(1)));
  const closing = pools.close();
  assert.deepEqual(await send(), { kind: "interrupted", target: null, sent: false });
  for (const target of targets) target.release();
  for (const exchange of await Promise.all(sending)) assert.equal(exchange.kind, "answered");
  await closing;
  await Promise.all(targets.map((target) => target.closed(1)));
});

/** Resolves when the target has accepted a connection. */
async function connected(target: { readonly connections: number }): Promise<void> {
  while (target.connections === 0) await new Promise((resolve) => setImmediate(resolve));
}
