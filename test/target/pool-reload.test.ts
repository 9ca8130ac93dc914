// Another configuration while requests are under way.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PoolConfig } from "../../src/config/config.ts";
import { status } from "../rig/behaviour.ts";
import { poolStage } from "./pool-stage.ts";

const only = (config: PoolConfig, ...indexes: readonly number[]): PoolConfig => ({
  ...config,
  targets: indexes.map((index) => config.targets[index]!),
});

test("a target that stays keeps its connections, its requests, its circuit and its Retry-After", async (t) => {
  const { targets, pools, config, clock, send } = await poolStage(t, {
    targets: 2,
    each: { maxConcurrent: 5 },
  });
  const [kept] = targets;
  pools.configure([only(config, 0)]);
  const sending = send({ path: "/slow" });
  await kept!.received(1);
  kept!.next(status(429, ["Retry-After", "30"]));
  await send({}, { lane: "held" });
  pools.configure([config]);
  const capacity = pools.capacityOf("default");
  assert.equal(pools.states()[0]?.inFlight, 1);
  assert.equal(capacity.reserve("a", 100), 4 + 5);
  capacity.giveBack(9);
  pools.configure([only(config, 0)]);
  assert.deepEqual(capacity.hold("held"), { kind: "retry_after", until: clock.now() + 30_000 });
  kept!.release();
  assert.equal((await sending).kind, "answered");
  await send();
  assert.equal(kept!.connections, 2, "one for each that was under way at once");
});

test("a target that goes finishes what it has and then closes; new tasks go elsewhere", async (t) => {
  const { targets, pools, config, send } = await poolStage(t, { targets: 2 });
  const [gone, stays] = targets;
  const sending = send({ path: "/slow" }, { id: "a" });
  await gone!.received(1);
  pools.configure([only(config, 1)]);
  assert.equal(pools.targetOf("a"), gone!.url.origin);
  for (let i = 0; i < 3; i++) assert.equal((await send()).target, stays!.url.origin);
  assert.deepEqual(
    pools.states().map(({ url }) => url),
    [stays!.url.origin],
  );
  gone!.release();
  const exchange = await sending;
  assert.equal(exchange.kind, "answered");
  assert.equal(exchange.target, gone!.url.origin);
  await gone!.closed(1);
  assert.equal(gone!.seen.length, 1);
});

test("what a target that is gone still does leaves no trace: no event, no timer", async (t) => {
  const { targets, pools, config, clock, events, send } = await poolStage(t, {
    pool: { circuit: { failures: 1, openMs: 1_000, maxOpenMs: 1_000 } },
  });
  const controllers = [new AbortController(), new AbortController()];
  const sending = controllers.map(({ signal }) => send({ path: "/hang" }, { signal, timeoutMs: 9_000 }));
  await targets[0]!.received(2);
  pools.configure([only(config)]);
  clock.advance(9_000);
  for (const exchange of await Promise.all(sending)) assert.equal(exchange.kind, "unknown");
  assert.deepEqual(events, []);
  assert.equal(clock.timers, 0);
});

for (const [what, without] of Object.entries({ target: true, pool: false })) {
  test(`a ${what} that comes back before it has finished sees no more than its limit`, async (t) => {
    const { targets, pools, config, rooms, send } = await poolStage(t, { each: { maxConcurrent: 1 } });
    const sending = send({ path: "/slow" });
    await targets[0]!.received(1);
    pools.configure(without ? [only(config)] : []);
    pools.configure([config]);
    const capacity = pools.capacityOf("default");
    assert.equal(capacity.reserve("a", 5), 0);
    assert.deepEqual(capacity.hold("a"), { kind: "target_limit", until: null });
    const heard = rooms.length;
    targets[0]!.release();
    assert.equal((await sending).kind, "answered");
    assert.ok(rooms.length > heard);
    assert.equal(capacity.reserve("a", 5), 1);
  });
}

test("a pool that goes finishes what it has; one that comes has room at once, and that is told", async (t) => {
  const { targets, pools, config, rooms, send } = await poolStage(t);
  const sending = send({ path: "/slow" });
  await targets[0]!.received(1);
  pools.configure([{ ...config, name: "other" }]);
  assert.deepEqual(pools.capacityOf("default").hold("a"), { kind: "no_route", until: null });
  assert.equal((await send()).kind, "postponed");
  assert.deepEqual(rooms, ["other"]);
  assert.equal((await send({}, { pool: "other" })).kind, "answered");
  targets[0]!.release();
  assert.equal((await sending).kind, "answered");
  await targets[0]!.closed(1);
});

test("limits, weights and the balance change while running", async (t) => {
  const { targets, pools, config, rooms, send } = await poolStage(t, {
    targets: 2,
    each: { maxConcurrent: 1 },
  });
  const capacity = pools.capacityOf("default");
  assert.equal(capacity.reserve("a", 10), 2);
  pools.configure([
    {
      ...config,
      targets: config.targets.map((target, i) => ({ ...target, weight: 3 - 2 * i, maxConcurrent: 4 })),
    },
  ]);
  assert.deepEqual(rooms, ["default"]);
  assert.equal(capacity.reserve("a", 10), 6);
  capacity.giveBack(8);
  for (let i = 0; i < 8; i++) await send();
  assert.deepEqual(
    targets.map(({ seen }) => seen.length),
    [6, 2],
  );
  const unlimited = config.targets.map((target) => ({ ...target, maxConcurrent: null }));
  pools.configure([{ ...config, targets: unlimited, balance: { by: "hash", key: "path" } }]);
  const homes = await Promise.all(Array.from({ length: 4 }, () => send({ path: "/echo/one" })));
  assert.equal(new Set(homes.map(({ target }) => target)).size, 1);
});

test("the same URL twice is one target: its limit holds", async (t) => {
  const { pools, config } = await poolStage(t, { each: { maxConcurrent: 2 } });
  pools.configure([only(config, 0, 0)]);
  assert.equal(pools.states().length, 1);
  assert.equal(pools.capacityOf("default").reserve("a", 10), 2);
});

test("checks begin and end with their configuration", async (t) => {
  const { targets, pools, config, clock } = await poolStage(t);
  pools.start();
  const health = { path: "/health", intervalMs: 1_000, timeoutMs: 500, unhealthyAfter: 1, healthyAfter: 1 };
  pools.configure([{ ...config, health }]);
  assert.equal((await targets[0]!.received(1)).path, "/health");
  pools.configure([{ ...config, health: { ...health } }]);
  await targets[0]!.closed(1);
  pools.configure([{ ...config, health: { ...health, path: "/ready" } }]);
  assert.equal((await targets[0]!.received(2)).path, "/ready");
  pools.configure([config]);
  assert.equal(pools.states()[0]?.healthy, null);
  await pools.close();
  assert.equal(clock.timers, 0);
});
