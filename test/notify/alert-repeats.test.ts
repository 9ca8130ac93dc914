// How often something is said, and to whom.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lane, rule, stageAlerts } from "./alert-stage.ts";

const HOUR = 3_600_000;

describe("what lasts", () => {
  const full = rule("full", { kind: "queue_fuller", than: 0.5 }, { repeatMs: HOUR });

  test("is told once, and again after each time of silence", async () => {
    const stage = await stageAlerts([full]);
    stage.lanes = [lane("a", { pending: 60 })];
    await stage.pass(HOUR);
    assert.equal(stage.titles().length, 1);
    stage.lanes = [lane("a", { pending: 70 })];
    await stage.pass(4_000);
    assert.deepEqual(stage.titles(), ["ops: The queue of a is 70% full"]);
    assert.deepEqual(stage.sent[1]!.notice.facts.at(-2), ["For", "1h"]);
  });

  test("is one alert when it comes and goes: over is what stays over", async () => {
    const stage = await stageAlerts([full]);
    for (let i = 0; i < 20; i++) {
      stage.lanes = [lane("a", { pending: i % 2 === 0 ? 60 : 0 })];
      await stage.pass(10_000);
    }
    assert.equal(stage.titles().length, 1);
    await stage.pass(30_000);
    assert.deepEqual(stage.titles(), ["ops: The queue of a is no more than 50% full again"]);
    stage.lanes = [lane("a", { pending: 60 })];
    await stage.pass(2_000);
    assert.equal(stage.titles().length, 1, "a new one is told at once");
  });

  test("is over when its route is configured no longer", async () => {
    const stage = await stageAlerts([full]);
    stage.lanes = [lane("a", { pending: 60 })];
    await stage.pass(2_000);
    stage.titles();
    stage.lanes = [];
    await stage.pass(40_000);
    assert.equal(stage.titles().length, 1);
    assert.equal(stage.sent[1]!.notice.type, "alert.resolved");
  });

  test("is not told again after a reload that left its rule, and is under a new one", async () => {
    const stage = await stageAlerts([full]);
    stage.lanes = [lane("a", { pending: 60 })];
    await stage.pass(2_000);
    stage.titles();
    stage.alerts.configure([{ ...full, notify: ["ops", "chat"], repeatMs: 60_000 }]);
    await stage.pass(30_000);
    assert.deepEqual(stage.titles(), []);
    await stage.pass(40_000);
    assert.deepEqual(stage.titles(), ["ops: The queue of a is 60% full", "chat: The queue of a is 60% full"]);
    stage.alerts.configure([rule("full", { kind: "queue_fuller", than: 0.55 })]);
    await stage.pass(2_000);
    assert.equal(stage.titles().length, 1);
  });
});

describe("messages", () => {
  test("are ten a minute for each endpoint; what was left out is counted when there is room again", async () => {
    const lanes = Array.from({ length: 25 }, (_, i) => `lane-${i}`);
    const stage = await stageAlerts([
      rule("failed", { kind: "task_failed" }, { notify: ["ops", "chat"] }),
      rule("only-one", { kind: "task_failed" }, { notify: ["quiet"], routes: ["lane-7"] }),
    ]);
    for (const name of lanes) stage.fail(1, name);
    await stage.pass(2_000);
    const first = stage.titles();
    assert.equal(first.filter((title) => title.startsWith("ops")).length, 10);
    assert.equal(first.filter((title) => title.startsWith("chat")).length, 10);
    assert.equal(first.filter((title) => title.startsWith("quiet")).length, 1);
    await stage.pass(70_000);
    const more = "15 more alerts were not sent: too many in a minute";
    assert.deepEqual(stage.titles(), [`ops: ${more}`, `chat: ${more}`]);
    assert.deepEqual(stage.sent.at(-1)!.notice.facts, [["failed", "15"]]);
    await stage.pass(120_000);
    assert.deepEqual(stage.titles(), []);
  });

  test("that cannot be written are written when there is room again, once", async () => {
    const stage = await stageAlerts([rule("failed", { kind: "task_failed" })]);
    stage.failure = new Error("no room");
    stage.fail(1);
    await stage.pass(4_000);
    assert.deepEqual(stage.titles(), []);
    assert.ok(stage.errors.length > 0);
    stage.failure = null;
    await stage.pass(4_000);
    assert.deepEqual(stage.titles(), ["ops: A task of a failed"]);
  });

  test("are in Chinese where the server is", async () => {
    const stage = await stageAlerts(
      [rule("old", { kind: "queue_older", thanMs: 600_000 }), rule("failed", { kind: "task_failed" })],
      "zh",
    );
    stage.fail(2);
    stage.fronts = [
      { lane: "b", priority: 4, id: "t", dueSince: stage.clock.now() - 3 * HOUR - 20 * 60_000 },
    ];
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: b 的队首任务已等待 3小时20分钟", "ops: a 有 2 个任务失败"]);
    assert.deepEqual(stage.sent[0]!.notice.facts[0], ["上限", "10分钟"]);
  });
});

test("no rules, no looks", async () => {
  const stage = await stageAlerts([]);
  assert.equal(stage.clock.timers, 0);
  stage.lanes = [lane("a", { pending: 100 })];
  stage.alerts.configure([rule("full", { kind: "queue_fuller", than: 0.5 })]);
  await stage.pass(1);
  assert.equal(stage.titles().length, 1);
  await stage.alerts.stop();
  assert.equal(stage.clock.timers, 0);
});
