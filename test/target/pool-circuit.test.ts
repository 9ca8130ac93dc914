// Targets that fail: their circuits, the probe, and how many retries they see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, status } from "../rig/behaviour.ts";
import { deadEnd, newPool, poolStage } from "./pool-stage.ts";

test("a target that fails three times in a row gets nothing, then one probe, then everything", async (t) => {
  const { targets, pools, clock, events, rooms, send } = await poolStage(t);
  const [target] = targets;
  const capacity = pools.capacityOf("default");
  for (const path of ["/status/503", "/reset-unanswered", "/status/502"]) await send({ path });
  assert.deepEqual(capacity.hold("a"), { kind: "circuit_open", until: clock.now() + 1_000 });
  assert.equal(capacity.reserve("a", 10), 0);
  assert.equal((await send()).kind, "postponed");
  assert.equal(target!.seen.length, 3);
  assert.deepEqual(pools.states(), [
    {
      pool: "default",
      url: target!.url.origin,
      weight: 1,
      inFlight: 0,
      limit: null,
      healthy: null,
      circuit: "open",
      failures: 3,
      openUntil: clock.now() + 1_000,
      lastFailure: "status 502",
    },
  ]);

  clock.advance(1_000);
  assert.deepEqual(rooms, ["default"]);
  assert.equal(capacity.reserve("a", 10), 1, "one place, for the probe");
  assert.equal(capacity.reserve("b", 10), 0);
  assert.deepEqual(capacity.hold("b"), { kind: "circuit_open", until: null });
  capacity.giveBack(1);
  assert.deepEqual(rooms, ["default", "default"], "whoever was refused hears that it is free");

  assert.equal((await send()).kind, "answered");
  assert.equal(capacity.reserve("a", 10), 10);
  assert.deepEqual(rooms, ["default", "default", "default"]);
  const steps = events.map(({ payload }) => payload as Record<string, unknown>);
  const [pool, url] = ["default", target!.url.origin];
  assert.deepEqual(steps, [
    { pool, target: url, from: "closed", to: "open", failures: 3, until: clock.now() },
    { pool, target: url, from: "open", to: "half_open", failures: 3, until: null },
    { pool, target: url, from: "half_open", to: "closed", failures: 0, until: null },
  ]);
});

test("of many that want to be the probe the target sees one", async (t) => {
  const { targets, pools, clock, rooms, send } = await poolStage(t);
  const [target] = targets;
  for (let i = 0; i < 3; i++) await send({ path: "/status/503" });
  clock.advance(1_000);
  const sending = Array.from({ length: 10 }, () => send({ path: "/slow" }));
  await target!.received(4);
  assert.equal(pools.capacityOf("default").reserve("b", 1), 0);
  const others = await Promise.all(sending.slice(1));
  for (const { kind } of others) assert.equal(kind, "postponed");
  assert.equal(target!.atOnce.max, 1);
  target!.release();
  assert.equal((await sending[0]!).kind, "answered");
  assert.equal(rooms.at(-1), "default");
  assert.equal((await send()).kind, "answered");
});

test("a probe that is cancelled leaves its place to another, and whoever waits for it hears", async (t) => {
  const { targets, pools, clock, rooms, send } = await poolStage(t);
  for (let i = 0; i < 3; i++) await send({ path: "/status/503" });
  clock.advance(1_000);
  const controller = new AbortController();
  const probe = send({ path: "/hang" }, { signal: controller.signal });
  await targets[0]!.received(4);
  assert.equal(pools.capacityOf("default").reserve("b", 1), 0);
  const heard = rooms.length;
  controller.abort("cancelled");
  assert.equal((await probe).kind, "cancelled");
  assert.equal(rooms.length, heard + 1);
  assert.equal(pools.capacityOf("default").reserve("b", 5), 1);
});

test("a probe that fails opens it for twice as long", async (t) => {
  const { pools, clock, send } = await poolStage(t);
  for (let i = 0; i < 3; i++) await send({ path: "/status/503" });
  clock.advance(1_000);
  assert.equal((await send({ path: "/status/504" })).kind, "answered");
  assert.deepEqual(pools.capacityOf("default").hold("a"), {
    kind: "circuit_open",
    until: clock.now() + 2_000,
  });
});

test("the others go on: with one of two broken every task is answered", async (t) => {
  const { targets, pools, send } = await poolStage(t);
  pools.configure([newPool([await deadEnd(), targets[0]!.url])]);
  for (let i = 0; i < 20; i++) assert.equal((await send()).kind, "answered");
  assert.deepEqual(
    pools.states().map(({ circuit, failures }) => [circuit, failures]),
    [
      ["open", 3],
      ["closed", 0],
    ],
  );
  assert.equal(pools.capacityOf("default").hold("a"), null);
});

test("a broken target beside one that is full, or wants to be left alone: what the sound one says", async (t) => {
  const { targets, pools, clock, send } = await poolStage(t, { each: { maxConcurrent: 1 } });
  const broken = newPool([await deadEnd()]).targets;
  const sound = newPool([targets[0]!.url], { each: { maxConcurrent: 1 } }).targets;
  pools.configure([{ ...newPool([]), targets: [...broken, ...sound] }]);
  const hold = () => pools.capacityOf("default").hold("default");
  while (pools.states()[0]?.circuit !== "open") await send();
  const sending = send({ path: "/slow" });
  await targets[0]!.received(targets[0]!.seen.length + 1);
  assert.deepEqual(hold(), { kind: "target_limit", until: null });
  targets[0]!.release();
  await sending;
  targets[0]!.next(status(429, ["Retry-After", "7"]));
  await send();
  assert.deepEqual(hold(), { kind: "retry_after", until: clock.now() + 7_000 });
});

test("429, refusals with Retry-After, statuses of the service and what this side ends open nothing", async (t) => {
  const { targets, pools, send } = await poolStage(t);
  for (let i = 0; i < 5; i++) {
    targets[0]!.next(status(429), status(500), status(404), status(503, ["Retry-After", "0"]));
    for (let each = 0; each < 4; each++) await send();
    await send({ path: "//evil/" });
    const controller = new AbortController();
    targets[0]!.next(hang);
    const sending = send({}, { signal: controller.signal });
    await targets[0]!.received(targets[0]!.seen.length + 1);
    controller.abort("cancelled");
    await sending;
  }
  assert.deepEqual([pools.states()[0]?.circuit, pools.states()[0]?.failures], ["closed", 0]);
});

test("while all fails a target sees few retries: a tenth of the first attempts, and the reserve", async (t) => {
  const { targets, clock, events, send } = await poolStage(t, {
    pool: { circuit: { failures: 0, openMs: 1_000, maxOpenMs: 1_000 } },
  });
  let firsts = 0;
  let retries = 0;
  let heldBack = 0;
  const seconds = 30;
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 20; i++) {
      const attempt = i % 2 === 0 ? 1 : 2;
      const before = clock.now();
      const exchange = await send({ path: "/status/503" }, { attempt });
      if (attempt === 1) firsts += 1;
      else if (exchange.kind === "answered") retries += 1;
      else {
        assert.ok(exchange.kind === "postponed" && exchange.reason === "retry_backoff");
        heldBack += 1;
        const waitMs = (exchange.until ?? 0) - before;
        assert.ok(waitMs >= 1_000 && waitMs <= 1_000 + 4_000 + heldBack * 40, `${waitMs}`);
      }
    }
    clock.advance(1_000);
  }
  assert.equal(targets[0]!.seen.length, firsts + retries);
  assert.ok(retries <= firsts * 0.1 + seconds, `${retries} retries, ${firsts} first attempts`);
  assert.ok(retries > firsts * 0.1 + seconds / 2, `${retries}: the first attempts and the reserve both pay`);
  assert.equal(events.filter(({ name }) => name === "retry.held_back").length, heldBack);
  assert.equal(heldBack, firsts - retries);

  clock.advance(10_000);
  for (let i = 0; i < 30; i++) {
    assert.equal((await send({}, { attempt: 2 })).kind, "answered", "with good answers all go that are left");
  }
});

test("a probe is no retry too many", async (t) => {
  const { clock, pools, send } = await poolStage(t, { pool: { retryBudget: 0 } });
  for (let i = 0; i < 10; i++) await send({ path: "/status/500" }, { attempt: 2 });
  assert.equal((await send({}, { attempt: 2 })).kind, "postponed", "the reserve is used up");
  for (let i = 0; i < 3; i++) await send({ path: "/status/503" });
  clock.advance(1_000);
  assert.equal((await send({}, { attempt: 2 })).kind, "answered");
  assert.equal(pools.states()[0]?.circuit, "closed");
});

test("once an outage is known, what never left costs no attempt", async (t) => {
  const { pools, clock, send } = await poolStage(t);
  pools.configure([newPool([await deadEnd()])]);
  const kinds: string[] = [];
  for (let i = 0; i < 3; i++) kinds.push((await send()).kind);
  assert.deepEqual(kinds, ["never_sent", "never_sent", "postponed"], "the third has opened the circuit");
  for (let probe = 0; probe < 4; probe++) {
    clock.advance(60_000);
    assert.equal(pools.capacityOf("default").reserve("a", 1), 1);
    assert.equal((await send()).kind, "postponed");
  }
});
