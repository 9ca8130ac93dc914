import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lane, rule, stageAlerts, target } from "./alert-stage.ts";

const HOUR = 3_600_000;

describe("failed tasks", () => {
  test("are told at once, those that fail together as one message, by route", async () => {
    const stage = await stageAlerts([rule("failed", { kind: "task_failed" })]);
    stage.complete(5);
    await stage.pass(10_000);
    assert.deepEqual(stage.titles(), []);
    stage.fail(3);
    stage.fail(1, "b");
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: 3 tasks of a failed", "ops: A task of b failed"]);
    const { type, data, facts } = stage.sent[0]!.notice;
    assert.equal(type, "alert.raised");
    assert.deepEqual(data, {
      rule: "failed",
      condition: "task_failed",
      state: "raised",
      subject: { kind: "route", name: "a" },
      message: "3 tasks of a failed",
      for_seconds: 0,
      failed: 3,
      last: { task_id: "task-8", reason: "target_error", error: "failure 8" },
    });
    assert.deepEqual(facts, [
      ["Reason", "target_error"],
      ["Error", "failure 8"],
      ["Task", "task-8"],
      ["Rule", "failed"],
    ]);
  });

  test("that follow within the time of silence are told together when it is over", async () => {
    const stage = await stageAlerts([rule("failed", { kind: "task_failed" }, { repeatMs: HOUR })]);
    stage.fail(1);
    await stage.pass(2_000);
    stage.titles();
    stage.fail(7);
    await stage.pass(HOUR - 10_000);
    stage.fail(2);
    assert.deepEqual(stage.titles(), []);
    await stage.pass(12_000);
    assert.deepEqual(stage.titles(), ["ops: 9 tasks of a failed"]);
    await stage.pass(2 * HOUR);
    assert.deepEqual(stage.titles(), [], "no more failed, and nothing is resolved");
  });

  test("of other routes than those of the rule are no concern of it", async () => {
    const stage = await stageAlerts([rule("failed", { kind: "task_failed" }, { routes: ["b"] })]);
    stage.fail(1, "a");
    stage.fail(1, "b");
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: A task of b failed"]);
  });

  test("are told when the node stops, even those of the last moment", async () => {
    const stage = await stageAlerts([rule("failed", { kind: "task_failed" })]);
    stage.fail(1);
    await stage.alerts.stop();
    assert.deepEqual(stage.titles(), ["ops: A task of a failed"]);
  });
});

describe("a failure rate", () => {
  const when = { kind: "failure_rate", above: 0.2, windowMs: 300_000, atLeast: 10 } as const;

  test("is judged by enough tasks, and only above its limit", async () => {
    const stage = await stageAlerts([rule("rate", when)]);
    stage.fail(9);
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), [], "too few to say");
    stage.complete(36);
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), [], "9 of 45 are not more than a fifth");
    stage.fail(3);
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: 25% of the tasks of a fail"]);
    assert.deepEqual(stage.sent[0]!.notice.facts.slice(0, 3), [
      ["Failed", "12 / 48"],
      ["Within", "5m"],
      ["Limit", "20%"],
    ]);
  });

  test("forgets what left its window, and says so once", async () => {
    const stage = await stageAlerts([rule("rate", when)]);
    stage.fail(10);
    await stage.pass(2_000);
    assert.equal(stage.titles().length, 1);
    await stage.pass(290_000);
    assert.deepEqual(stage.titles(), [], "still within the window");
    await stage.pass(60_000);
    assert.deepEqual(stage.titles(), ["ops: No more than 20% of the tasks of a fail any more"]);
    await stage.pass(HOUR);
    assert.deepEqual(stage.titles(), []);
  });
});

describe("a queue", () => {
  test("is too old when the first in line has waited, in whichever priority it is", async () => {
    const stage = await stageAlerts([rule("old", { kind: "queue_older", thanMs: 60_000 })]);
    const dueSince = stage.clock.now();
    const fresh = { lane: "a", priority: 9, id: "urgent", dueSince: dueSince + 50_000 };
    stage.fronts = [fresh, { lane: "a", priority: 4, id: "waiting", dueSince }];
    await stage.pass(60_000);
    assert.deepEqual(stage.titles(), []);
    stage.lanes = [lane("a", { hold: { kind: "circuit_open", until: null } })];
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: The next task of a has waited 1m 2s"]);
    assert.deepEqual(stage.sent[0]!.notice.facts, [
      ["Limit", "1m"],
      ["Waits for", "circuit_open"],
      ["Task", "waiting"],
      ["Rule", "old"],
    ]);
    stage.fronts = [];
    await stage.pass(34_000);
    assert.deepEqual(stage.titles(), ["ops: No task of a has waited longer than 1m any more"]);
    assert.equal(stage.sent[1]!.notice.type, "alert.resolved");
    assert.deepEqual(stage.sent[1]!.notice.facts, [
      ["Lasted", "2s"],
      ["Rule", "old"],
    ]);
  });

  test("is too full above its share, each route for itself", async () => {
    const stage = await stageAlerts([rule("full", { kind: "queue_fuller", than: 0.8 })]);
    stage.lanes = [lane("a", { pending: 80 }), lane("b", { pending: 164, capacity: 200 })];
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: The queue of b is 82% full"]);
    stage.lanes = [lane("a", { pending: 81 }), lane("b", { pending: 170, capacity: 200 })];
    await stage.pass(2_000);
    assert.deepEqual(stage.titles(), ["ops: The queue of a is 81% full"]);
  });
});

describe("a target", () => {
  test("is down by its circuit or its checks, and looked at as soon as it is", async () => {
    const stage = await stageAlerts([rule("down", { kind: "target_down" })]);
    stage.targets = [
      target("http://one", { circuit: "open", lastFailure: "connection_refused" }),
      target("http://two", { healthy: false }),
      target("http://three", { healthy: true }),
    ];
    stage.emit("target.health", { pool: "pool", target: "http://two", healthy: false, why: "status 500" });
    await stage.pass(1);
    assert.deepEqual(stage.titles(), ["ops: Target http://one is down", "ops: Target http://two is down"]);
    stage.targets = [target("http://one", { circuit: "half_open" }), target("http://two")];
    await stage.pass(60_000);
    assert.deepEqual(stage.titles(), ["ops: Target http://two is up again"]);
  });

  test("of a pool that none of the rule's routes uses is no concern of it", async () => {
    const stage = await stageAlerts([rule("down", { kind: "target_down" }, { routes: ["b"] })]);
    stage.lanes = [lane("a"), lane("b", { pool: "other" })];
    stage.targets = [
      target("http://one", { circuit: "open" }),
      target("http://one", { circuit: "open", pool: "other" }),
    ];
    await stage.pass(2_000);
    assert.equal(stage.sent.length, 1);
    assert.deepEqual((stage.sent[0]!.notice.data as { subject: object }).subject, {
      kind: "target",
      name: "http://one",
      pool: "other",
    });
  });
});
