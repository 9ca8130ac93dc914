import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { HeadgateError } from "../../src/lib/error.ts";
import { createResult } from "../../src/result/result.ts";
import { DEFAULT_POLICY } from "../../src/task/decide.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { Settlement } from "../../src/task/settlement.ts";
import type { Body, ClaimedTask } from "../../src/task/task.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { claimed } from "../task/claimed.ts";

const FILE: Body = { kind: "file", name: "answer", sizeBytes: 100_000 };

function stage(settle: (settlement: Settlement) => Promise<boolean>) {
  const clock = createManualClock();
  const told: { name: keyof TaskEvents; payload: Record<string, unknown> }[] = [];
  const discarded: Body[] = [];
  const full: number[] = [];
  const stopping = new AbortController();
  const result = createResult({
    clock,
    random: () => 0.5,
    settle,
    discard: async (body) => void discarded.push(body),
    onStorageFull: () => void full.push(clock.now()),
    emit: (name, payload) => void told.push({ name, payload: { ...payload } }),
    stopping: stopping.signal,
  });
  const settled = (task: ClaimedTask, exchange: Exchange): Promise<void> =>
    result(task, exchange, DEFAULT_POLICY);
  return {
    result: settled,
    clock,
    told,
    discarded,
    full,
    stopping,
    names: () => told.map(({ name }) => name),
  };
}

function answered(status: number): Exchange {
  return { kind: "answered", target: "http://t", response: { status, headers: [], body: FILE } };
}

test("an outcome that stands is announced once and keeps its body", async () => {
  const { result, names, told, discarded } = stage(async () => true);
  await result(claimed(), answered(200));
  assert.deepEqual(names(), ["attempt.ended", "task.ended"]);
  assert.equal(told[0]?.payload["target"], "http://t");
  assert.equal(told[1]?.payload["state"], "completed");
  assert.deepEqual(discarded, []);
});

test("an outcome that lost its lease changes nothing: it is said, and its body is removed", async () => {
  const { result, names, discarded } = stage(async () => false);
  await result(claimed(), answered(200));
  assert.deepEqual(names(), ["attempt.ended", "settlement.rejected"]);
  assert.deepEqual(discarded, [FILE]);
});

test("the answer of an attempt that is repeated is not kept", async () => {
  const { result, names, discarded } = stage(async () => true);
  await result(claimed(), answered(503));
  assert.deepEqual(names(), ["attempt.ended", "task.requeued"]);
  assert.deepEqual(discarded, [FILE]);
});

test("an attempt that stands down after a cancel announces no second end", async () => {
  const { result, names } = stage(async () => false);
  await result(claimed(), { kind: "cancelled", target: "http://t" });
  assert.deepEqual(names(), ["attempt.ended"]);
});

test("an attempt that is given back is announced as back in line only", async () => {
  const { result, names } = stage(async () => true);
  await result(claimed(), { kind: "interrupted", target: null, sent: false });
  assert.deepEqual(names(), ["task.requeued"]);
});

for (const code of ["storage_full", "storage_busy"] as const) {
  test(`${code} is waited for: the outcome is offered until it is written`, async () => {
    let offers = 0;
    const { result, clock, names, full } = stage(async () => {
      if (++offers < 3) throw new HeadgateError(code, "not now");
      return true;
    });
    const done = result(claimed(), answered(200));
    await turn();
    assert.equal(offers, 1);
    clock.advance(500);
    await turn();
    clock.advance(500);
    await done;
    assert.equal(offers, 3);
    assert.equal(full.length, code === "storage_full" ? 2 : 0);
    assert.deepEqual(names(), ["attempt.ended", "task.ended"]);
  });
}

test("a process that stops waits no longer, and a broken disk is not waited for", async () => {
  const full = stage(async () => {
    throw new HeadgateError("storage_full", "no room");
  });
  full.stopping.abort();
  await assert.rejects(full.result(claimed(), answered(200)), { code: "storage_full" });
  const broken = stage(async () => {
    throw new HeadgateError("storage_failed", "EIO");
  });
  await assert.rejects(broken.result(claimed(), answered(200)), { code: "storage_failed" });
});
