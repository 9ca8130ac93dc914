// What a route may say about its answers: which fail, which are repeated, and how soon.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnswerPolicy,
  decide,
  DEFAULT_POLICY,
  NODE_LOST,
  type RetryCause,
} from "../../src/task/decide.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { ClaimedTask } from "../../src/task/task.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import { claimed } from "./claimed.ts";

const NOW = 5_000_000;

function policy(on: readonly RetryCause[], changes: Partial<AnswerPolicy> = {}): AnswerPolicy {
  return { ...DEFAULT_POLICY, retry: { ...DEFAULT_POLICY.retry, on: new Set(on) }, ...changes };
}

function gist(task: ClaimedTask, exchange: Exchange, rules: AnswerPolicy, random = 0.5): string {
  const settlement = decide(task, exchange, rules, { now: NOW, random });
  return settlement.to === "pending"
    ? `again in ${settlement.notBefore === null ? 0 : settlement.notBefore - NOW}`
    : `${settlement.to} ${settlement.reason}`;
}

function answered(status: number): Exchange {
  return { kind: "answered", target: "http://t", response: { status, headers: [], body: EMPTY_BODY } };
}

const RESET = { code: "connection_terminated", message: "" };
const LATE = { code: "http_response_timeout", message: "" };

test("only the statuses of fail_on fail a task", () => {
  const rules = policy([], { failOn: new Set([500, 418]) });
  for (const [status, expected] of [
    [200, "completed completed"],
    [404, "completed completed"],
    [503, "completed completed"],
    [500, "failed target_error"],
    [418, "failed target_error"],
  ] as const)
    assert.equal(gist(claimed(), answered(status), rules), expected, String(status));
});

test("an answer that completes a task has no error, whatever its status", () => {
  const settlement = decide(claimed(), answered(500), policy([], { failOn: new Set() }), {
    now: NOW,
    random: 0,
  });
  assert.equal(settlement.error, null);
  assert.equal(settlement.attempt?.error, null);
  assert.equal(settlement.attempt?.status, 500);
});

test("only what `on` names is repeated", () => {
  const idempotent = claimed({ idempotent: true });
  const never = policy([]);
  assert.equal(
    gist(claimed(), { kind: "never_sent", target: null, error: RESET }, never),
    "failed connect_failed",
  );
  assert.equal(gist(claimed(), answered(503), never), "failed target_error");
  assert.equal(
    gist(idempotent, { kind: "unknown", target: null, error: RESET }, never),
    "failed outcome_unknown",
  );
  assert.equal(
    gist(idempotent, { kind: "unknown", target: null, error: LATE }, policy(["reset"])),
    "failed timeout",
  );
  assert.equal(
    gist(idempotent, { kind: "unknown", target: null, error: LATE }, policy(["timeout"])),
    "again in 500",
  );
  assert.equal(
    gist(idempotent, { kind: "unknown", target: null, error: RESET }, policy(["reset"])),
    "again in 500",
  );
});

test("a status that does not say that the target refused is repeated only where that is harmless", () => {
  const rules = policy([500, 503]);
  assert.equal(gist(claimed(), answered(500), rules), "failed target_error");
  assert.equal(gist(claimed({ idempotent: true }), answered(500), rules), "again in 500");
  assert.equal(gist(claimed(), answered(503), rules), "again in 500");
});

test("a status that is repeated and does not fail completes the task when no attempt is left", () => {
  const rules = policy([503], { failOn: new Set() });
  assert.equal(gist(claimed({ attempt: 2 }), answered(503), rules), "again in 1000");
  assert.equal(gist(claimed({ attempt: 3 }), answered(503), rules), "completed completed");
});

test("an end of our own is repeated where that is harmless, whatever the route says", () => {
  const exchange: Exchange = { kind: "unknown", target: null, error: NODE_LOST };
  assert.equal(gist(claimed({ idempotent: true }), exchange, policy([])), "again in 500");
  assert.equal(gist(claimed(), exchange, policy([])), "failed outcome_unknown");
});

test("the backoff doubles up to its limit, with all of it left to chance or nothing", () => {
  const many = (attempt: number): ClaimedTask => claimed({ attempt, maxAttempts: 20 });
  const waits = (jitter: "full" | "none", random: number): readonly string[] =>
    [1, 2, 3, 9].map((attempt) =>
      gist(
        many(attempt),
        answered(503),
        policy([], { retry: { ...DEFAULT_POLICY.retry, backoff: { initialMs: 100, maxMs: 350, jitter } } }),
        random,
      ),
    );
  assert.deepEqual(waits("none", 0.1), ["again in 100", "again in 200", "again in 350", "again in 350"]);
  assert.deepEqual(waits("full", 0.1), ["again in 10", "again in 20", "again in 35", "again in 35"]);
  assert.deepEqual(waits("full", 0), ["again in 0", "again in 0", "again in 0", "again in 0"]);
});

test("what was postponed is given back: the attempt never was", () => {
  const postponed: Exchange = { kind: "postponed", target: null, reason: "retry_backoff", until: NOW + 9 };
  const settlement = decide(claimed({ attempt: 3 }), postponed, DEFAULT_POLICY, { now: NOW, random: 0 });
  assert.deepEqual(
    [
      settlement.to,
      settlement.reason,
      settlement.attempt,
      settlement.to === "pending" && settlement.notBefore,
    ],
    ["pending", "retry_backoff", null, NOW + 9],
  );
});
