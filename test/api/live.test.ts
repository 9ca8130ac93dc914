import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeStatistics } from "../../src/task/statistics.ts";
import { laneState, targetState } from "../rig/state.ts";
import { openControl } from "./control.ts";

const SEEN: NodeStatistics = {
  windowSeconds: 90.5,
  acceptedPerSecond: 3,
  startedPerSecond: 2,
  endedPerSecond: 1,
  successRate: 0.75,
  queueWaitMs: { p50: 10, p95: 20, p99: 30 },
  targetMs: { p50: 1_000, p95: 2_000, p99: 3_000 },
  refused: { queue_full: 4 },
  lanes: { default: { queueWaitMs: { p50: 11, p95: 21, p99: 31 }, targetMs: null } },
  targets: { "http://target:8000": { p50: 1_001, p95: 2_001, p99: 3_001 } },
};

test("stats adds up what the store keeps and what this node saw", async (t) => {
  let now = 0;
  const { app, submit, answered, failed, claim, store, clock } = await openControl(t, {
    statistics: () => SEEN,
    running: () => [
      { lane: "default", startedAt: now - 300_000 },
      { lane: "default", startedAt: now },
    ],
    lanes: () => [laneState(), laneState({ name: "other", maxConcurrent: 1, maxQueueSize: 7 })],
    targets: () => [targetState()],
    startedAt: 0,
  });
  now = clock.now();
  await answered({});
  await failed("dns_error", "connect_failed");
  await store.cancel(await submit(), clock.now());
  await submit({ lane: "former" });
  await submit();
  await claim();
  await submit();
  const { uptime_seconds: uptime, ...stats } = (await app.inject("/stats")).json<Record<string, unknown>>();
  assert.ok((uptime as number) >= now / 1_000);
  const policy = {
    match: [],
    methods: [],
    hosts: [],
    target: "default",
    paused: false,
    waiting_for: null,
    adaptive: false,
    rate: null,
    timeout_seconds: 600,
    start_within_seconds: null,
    max_attempts: 3,
    priority: 4,
    overrides: { max_concurrent: null, queue: null, rate: null },
  };
  const busy = {
    ...policy,
    name: "default",
    tasks: { pending: 1, processing: 1, completed: 1, failed: 1, cancelled: 1 },
    totals: { accepted: 5, completed: 1, failed: 1, cancelled: 1 },
    queue: { size: 1, capacity: 100 },
    in_flight: 1,
    limit: 10,
    queue_wait_seconds: { p50: 0.011, p95: 0.021, p99: 0.031 },
    target_seconds: null,
    long_tasks: 1,
  };
  const idle = {
    tasks: { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 },
    totals: { accepted: 0, completed: 0, failed: 0, cancelled: 0 },
    in_flight: 0,
    queue_wait_seconds: null,
    target_seconds: null,
    long_tasks: 0,
  };
  const lanes = [
    busy,
    { ...policy, ...idle, name: "other", queue: { size: 0, capacity: 7 }, limit: 1 },
    {
      ...policy,
      ...idle,
      name: "former",
      tasks: { ...idle.tasks, pending: 1 },
      totals: { ...idle.totals, accepted: 1 },
      queue: { size: 1, capacity: null },
      target: null,
      waiting_for: { reason: "no_route", until: null },
      limit: null,
      timeout_seconds: null,
      max_attempts: null,
      priority: null,
    },
  ];
  const targets = [
    {
      url: "http://target:8000",
      pool: "default",
      weight: 1,
      in_flight: 1,
      limit: null,
      healthy: null,
      circuit: { state: "closed", failures: 0, until: null, last_failure: null },
      target_seconds: { p50: 1.001, p95: 2.001, p99: 3.001 },
    },
  ];
  assert.deepEqual(stats, {
    success: true,
    tasks: { pending: 2, processing: 1, completed: 1, failed: 1, cancelled: 1 },
    totals: { accepted: 6, completed: 1, failed: 1, cancelled: 1 },
    queue: { size: 2, capacity: 107 },
    in_flight: 1,
    limit: 11,
    num_workers: 5,
    throughput: { window_seconds: 90.5, accepted_per_second: 3, started_per_second: 2, ended_per_second: 1 },
    success_rate: 0.75,
    queue_wait_seconds: { p50: 0.01, p95: 0.02, p99: 0.03 },
    target_seconds: { p50: 1, p95: 2, p99: 3 },
    refused: { queue_full: 4 },
    long_tasks: { running: 1, threshold_seconds: 300 },
    started_at: "1970-01-01T00:00:00.000Z",
    lanes,
    targets,
  });
  assert.deepEqual((await app.inject("/lanes")).json(), { success: true, lanes });
  assert.deepEqual((await app.inject("/targets")).json(), { success: true, targets });
});

test("a lane nobody has used yet has a name like any other", async (t) => {
  const { app } = await openControl(t, { lanes: () => [laneState({ name: "constructor" })] });
  const { lanes } = (await app.inject("/lanes")).json<{ lanes: Record<string, unknown>[] }>();
  assert.deepEqual([lanes[0]?.["name"], lanes[0]?.["queue_wait_seconds"]], ["constructor", null]);
});

test("a target tells how it stands", async (t) => {
  const { app } = await openControl(t, {
    targets: () => [
      targetState({
        pool: "models",
        weight: 2,
        inFlight: 3,
        limit: 4,
        healthy: false,
        circuit: "open",
        failures: 5,
        openUntil: Date.UTC(2026, 1, 4, 3, 4, 5, 678),
        lastFailure: "connection_refused",
      }),
    ],
  });
  assert.deepEqual((await app.inject("/targets")).json(), {
    success: true,
    targets: [
      {
        url: "http://target:8000",
        pool: "models",
        weight: 2,
        in_flight: 3,
        limit: 4,
        healthy: false,
        circuit: {
          state: "open",
          failures: 5,
          until: "2026-02-04T03:04:05.678Z",
          last_failure: "connection_refused",
        },
        target_seconds: null,
      },
    ],
  });
});

test("metrics are text of their own type", async (t) => {
  const { app } = await openControl(t);
  const answer = await app.inject("/metrics");
  assert.deepEqual(
    [answer.statusCode, answer.headers["content-type"], answer.headers["cache-control"], answer.body],
    [200, "text/plain; version=0.0.4; charset=utf-8", "no-store", "# none\n"],
  );
});
