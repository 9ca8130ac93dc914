import assert from "node:assert/strict";
import { test } from "node:test";
import { type Hold, waitingFor } from "../../src/task/hold.ts";
import type { Task } from "../../src/task/task.ts";

const NOW = 1_000;

type Waiting = Pick<Task, "state" | "reason" | "notBefore" | "lane">;

const QUEUED: Waiting = { state: "pending", reason: "queued", notBefore: null, lane: "a" };
const DELAYED: Waiting = { ...QUEUED, reason: "delayed", notBefore: 5_000 };
const RETRIED: Waiting = { ...QUEUED, reason: "retry_backoff", notBefore: 4_000 };
const LOST: Waiting = { ...QUEUED, reason: "node_lost", notBefore: 3_000 };

const RATE: Hold = { kind: "rate", until: 1_200 };
const PAUSED: Hold = { kind: "paused", until: null };
const NO_ROUTE: Hold = { kind: "no_route", until: null };

test("the lane's hold is that of the tasks which are due", () => {
  assert.equal(
    waitingFor(QUEUED, () => RATE, NOW),
    RATE,
  );
  assert.equal(
    waitingFor(QUEUED, () => null, NOW),
    null,
  );
});

test("a task that is not due waits for its time, whatever its lane does meanwhile", () => {
  for (const hold of [null, RATE]) {
    assert.deepEqual(
      waitingFor(DELAYED, () => hold, NOW),
      { kind: "not_before", until: 5_000 },
    );
    assert.deepEqual(
      waitingFor(RETRIED, () => hold, NOW),
      { kind: "retry_backoff", until: 4_000 },
    );
    assert.deepEqual(
      waitingFor(LOST, () => hold, NOW),
      { kind: "retry_backoff", until: 3_000 },
    );
  }
});

test("a lane that is paused or has no route holds longer than any time", () => {
  for (const hold of [PAUSED, NO_ROUTE]) {
    for (const task of [QUEUED, DELAYED, RETRIED]) {
      assert.equal(
        waitingFor(task, () => hold, NOW),
        hold,
      );
    }
  }
});

test("a time that has come holds nothing", () => {
  assert.equal(
    waitingFor(DELAYED, () => null, 5_000),
    null,
  );
  assert.equal(
    waitingFor(DELAYED, () => RATE, 5_000),
    RATE,
  );
});

test("only what is pending waits, and nobody asks about the lanes of the rest", () => {
  for (const state of ["processing", "completed", "failed", "cancelled"] as const) {
    assert.equal(
      waitingFor({ ...QUEUED, state }, () => assert.fail("asked"), NOW),
      null,
    );
  }
});

test("each task is held by its own lane", () => {
  const holdOf = (lane: string): Hold | null => (lane === "b" ? RATE : null);
  assert.equal(waitingFor(QUEUED, holdOf, NOW), null);
  assert.equal(waitingFor({ ...QUEUED, lane: "b" }, holdOf, NOW), RATE);
});
