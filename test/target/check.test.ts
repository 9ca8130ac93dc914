// Active checks, of the real thing over real sockets: what is good, how many in a row, and that they end.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthConfig } from "../../src/config/config.ts";
import { createCheck } from "../../src/target/check.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { status } from "../rig/behaviour.ts";
import { type ScriptedTarget, startTarget } from "../rig/target.ts";
import { deadEnd, newPool, poolStage } from "./pool-stage.ts";

const HEALTH: HealthConfig = {
  path: "/health",
  intervalMs: 5_000,
  timeoutMs: 2_000,
  unhealthyAfter: 2,
  healthyAfter: 3,
};

type Teardown = { after(run: () => unknown): void };

async function checked(t: Teardown, target: ScriptedTarget, base: string = target.url.origin) {
  const clock = createManualClock();
  const changes: [boolean, string][] = [];
  let heard = Promise.withResolvers<void>();
  const check = createCheck({
    target: base,
    config: HEALTH,
    healthy: null,
    clock,
    onChange(healthy, why) {
      changes.push([healthy, why]);
      heard.resolve();
    },
    onError(thrown) {
      throw thrown;
    },
  });
  t.after(async () => {
    await check.stop();
    await target.close();
  });
  return {
    check,
    clock,
    changes,
    /** Resolves at the next change. */
    async change(): Promise<void> {
      await heard.promise;
      heard = Promise.withResolvers();
    },
    /** Resolves when the `count`-th check has come to its end, and the next is waited for. */
    async done(count: number): Promise<void> {
      await target.closed(count);
      while (clock.timers !== 1) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("the first check is made at the start, below the target's own path, and a good one is no news", async (t) => {
  const target = await startTarget();
  const { check, clock, changes, done } = await checked(t, target, `${target.url.origin}/base`);
  assert.equal(check.healthy, null);
  check.start();
  const { method, path } = await target.received(1);
  assert.deepEqual([method, path], ["GET", "/base/health"]);
  await done(1);
  assert.equal(check.healthy, true);
  clock.advance(4_999);
  await done(1);
  assert.equal(target.seen.length, 1);
  clock.advance(1);
  await target.received(2);
  assert.deepEqual(changes, []);
});

test("so many in a row change what is thought of a target, and fewer do not", async (t) => {
  const target = await startTarget();
  const { check, clock, changes, done } = await checked(t, target);
  const [good, bad] = [status(204), status(500)];
  target.next(good, bad, good, bad, bad, good, good, bad, good, good, good);
  const thought: (boolean | null)[] = [];
  check.start();
  for (let count = 1; count <= 11; count++) {
    await done(count);
    thought.push(check.healthy);
    clock.advance(HEALTH.intervalMs);
  }
  const [up, down] = [true, false];
  assert.deepEqual(thought, [up, up, up, up, down, down, down, down, down, down, up]);
  assert.deepEqual(changes, [
    [false, "status 500"],
    [true, "status 204"],
  ]);
});

for (const [what, behaviour] of Object.entries({ "302": status(302), "399": status(399) })) {
  test(`${what} is good`, async (t) => {
    const target = await startTarget();
    target.next(behaviour);
    const { check, done } = await checked(t, target);
    check.start();
    await done(1);
    assert.equal(check.healthy, true);
  });
}

for (const [path, why] of Object.entries({
  "/status/404": "status 404",
  "/reset-unanswered": "connection_terminated",
  "/invalid-http": "http_protocol_error",
})) {
  test(`at the start one bad answer is enough: ${path}`, async (t) => {
    const target = await startTarget();
    const { check, changes, change } = await checked(t, target, `${target.url.origin}${path}?`);
    check.start();
    await change();
    assert.equal(check.healthy, false);
    assert.deepEqual(changes, [[false, why]]);
  });
}

test("no answer in time is a bad one", async (t) => {
  const target = await startTarget();
  const { check, clock, changes, change } = await checked(t, target, `${target.url.origin}/hang?`);
  check.start();
  await target.received(1);
  clock.advance(HEALTH.timeoutMs);
  await change();
  assert.deepEqual(changes, [[false, "http_response_timeout"]]);
  await target.closed(1);
});

test("a good status is good though its body has no end, and that is not read for ever", async (t) => {
  const target = await startTarget();
  const { check } = await checked(t, target, `${target.url.origin}/endless?`);
  check.start();
  await target.closed(1);
  while (check.healthy === null) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(check.healthy, true);
});

test("stopped, it breaks off what is under way, says nothing of it and asks no more", async (t) => {
  const target = await startTarget();
  const { check, clock, changes } = await checked(t, target, `${target.url.origin}/hang?`);
  check.start();
  await target.received(1);
  await check.stop();
  await target.closed(1);
  assert.deepEqual(changes, []);
  assert.equal(clock.timers, 0);
});

test("a pool sends nothing to a target that fails its checks, until they succeed", async (t) => {
  const { targets, pools, config, clock, events, rooms, emitted, send } = await poolStage(t, {
    targets: 2,
    pool: { health: { ...HEALTH, unhealthyAfter: 1, healthyAfter: 1 } },
  });
  const [ill, well] = targets;
  ill!.next(status(500));
  const fell = emitted("target.health");
  pools.start();
  await fell;
  await well!.closed(1);
  for (let i = 0; i < 4; i++) assert.equal((await send()).target, well!.url.origin);
  assert.equal(ill!.seen.length, 1);
  assert.equal(pools.states()[0]?.healthy, false);

  pools.configure([{ ...config, targets: config.targets.slice(0, 1) }]);
  const capacity = pools.capacityOf("default");
  assert.deepEqual(capacity.hold("a"), { kind: "no_healthy_target", until: null });
  assert.equal(capacity.reserve("a", 1), 0);
  const heard = rooms.length;
  const rose = emitted("target.health");
  while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(HEALTH.intervalMs);
  await rose;
  assert.equal(rooms.length, heard + 1);
  assert.equal((await send()).target, ill!.url.origin);
  assert.deepEqual(
    events.map(({ payload }) => payload),
    [
      { pool: "default", target: ill!.url.origin, healthy: false, why: "status 500" },
      { pool: "default", target: ill!.url.origin, healthy: true, why: "status 200" },
    ],
  );
});

test("a target that is dead at the start is known to be before the second check", async (t) => {
  const { pools, emitted, config } = await poolStage(t);
  pools.configure([{ ...config, ...newPool([await deadEnd()]), health: HEALTH }]);
  const fell = emitted("target.health");
  pools.start();
  await fell;
  assert.equal(pools.states()[0]?.healthy, false);
});
