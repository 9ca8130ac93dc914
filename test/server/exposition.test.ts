// What `/metrics` says as a whole: to Prometheus's own checker, and to the dashboard that is shipped with the documentation.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createMetrics } from "../../src/server/metrics.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { FROM_CACHE } from "../../src/task/exchange.ts";
import { laneState, targetState } from "../rig/state.ts";

const TASK = { id: "a", lane: "default", client: "c", attempt: 1, error: null };
const ENDED = { ...TASK, target: "http://t", outcome: "answered", status: 200, durationMs: 5 } as const;
const TRIED = { delivery: "msg_1", taskId: "a", endpoint: null, type: "task.failed", tries: 1 };
const ALERT = { rule: "late", subject: "default", text: "" };

/** The text once each thing that is counted has happened. */
async function exposition(): Promise<string> {
  const { emit, on } = createEmitter<TaskEvents>(assert.fail);
  const metrics = createMetrics({
    events: { emit, on },
    tally: async () => [
      {
        lane: "default",
        stored: { pending: 1, processing: 2, completed: 3, failed: 4, cancelled: 5 },
        total: { accepted: 15, completed: 3, failed: 4, cancelled: 5 },
        inFlight: 6,
      },
    ],
    lanes: () => [laneState()],
    targets: () => [targetState()],
    connections: () => ({ waiting: 7, streams: 8 }),
    version: "1.2.3",
  });
  emit("task.accepted", {
    ...TASK,
    method: "GET",
    path: "/",
    sizeBytes: 0,
    priority: 4,
    notBefore: null,
    retryOf: null,
  });
  emit("attempt.started", { ...TASK, waitedMs: 5 });
  emit("attempt.ended", ENDED);
  emit("attempt.ended", { ...ENDED, target: FROM_CACHE });
  emit("task.ended", { ...TASK, from: "processing", state: "completed", reason: "completed" });
  emit("task.refused", { lane: "default", method: "GET", path: "/", code: "queue_full" });
  emit("request.repeated", { id: "a", lane: "default" });
  emit("request.repeated", { id: "b", lane: null });
  emit("retry.held_back", { id: "a", lane: "default", pool: "main" });
  emit("webhook.tried", { ...TRIED, status: 200, error: null, state: "delivered" });
  emit("webhook.disabled", { url: "http://r", failed: 1 });
  emit("alert.raised", ALERT);
  emit("alert.resolved", ALERT);
  emit("access.denied", { code: "forbidden", key: null, method: "GET", path: "/" });
  emit("settlement.rejected", TASK);
  emit("lease.taken_over", TASK);
  emit("storage.full", { freeBytes: null });
  return metrics.text();
}

test("what happens seldom is counted, too", async () => {
  const lines = (await exposition()).split("\n");
  for (const line of [
    'headgate_cache_hits_total{lane="default"} 1',
    'headgate_attempt_seconds_count{lane="default"} 1',
    'headgate_webhook_tries_total{state="delivered"} 1',
    "headgate_webhooks_disabled_total 1",
    'headgate_alerts_total{rule="late",event="raised"} 1',
    'headgate_alerts_total{rule="late",event="resolved"} 1',
    'headgate_access_denied_total{code="forbidden"} 1',
    "headgate_settlements_rejected_total 1",
    'headgate_leases_taken_over_total{lane="default"} 1',
    "headgate_storage_full 1",
    'headgate_idempotent_replays_total{lane="default"} 1',
    'headgate_idempotent_replays_total{lane="-"} 1',
    "headgate_waiting_clients 7",
    "headgate_event_streams 8",
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

const hasPromtool = spawnSync("promtool", ["--version"]).error === undefined;

test("Prometheus's own checker has nothing to say", { skip: !hasPromtool && "no promtool" }, async () => {
  const { status, stderr, stdout } = spawnSync("promtool", ["check", "metrics"], {
    input: await exposition(),
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout + stderr], [0, ""]);
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
}

const dashboard = JSON.parse(
  readFileSync(new URL("../../docs/grafana/headgate.json", import.meta.url), "utf8"),
) as Dashboard;

const queries = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition }) => definition ?? []),
];

test("the dashboard asks for nothing that is not there, and shows all that is ours", async () => {
  const text = await exposition();
  const exposed = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string));
  const asked = new Set(
    queries
      .join("\n")
      .match(/\b(?:headgate|nodejs|process)_\w+/g)
      ?.map((name) => (exposed.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ""))),
  );
  assert.deepEqual(
    [...asked].filter((name) => !exposed.has(name)),
    [],
  );
  const notAsked = [...exposed].filter((name) => name.startsWith("headgate_") && !asked.has(name));
  assert.deepEqual(notAsked, ["headgate_webhooks_disabled_total", "headgate_tasks", "headgate_build_info"]);
});

test("every label that the dashboard groups or chooses by is one of its metric", async () => {
  const text = await exposition();
  for (const query of queries) {
    for (const [, by = "", metric = ""] of query.matchAll(/by \(([^)]*)\) \((?:\w+\()?(\w+)/g)) {
      const series = text.split("\n").find((line) => line.startsWith(`${metric}{`)) ?? assert.fail(metric);
      for (const label of by.split(", ")) assert.ok(series.includes(`${label}="`), `${label} of ${series}`);
    }
    for (const [, metric = "", label = ""] of query.matchAll(/(\w+)\{(\w+)=/g)) {
      assert.match(text, new RegExp(`^${metric}\\{[^}]*${label}="`, "m"), query);
    }
  }
});

test("panels have a place of their own", () => {
  const { panels } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const [i, { title, gridPos: a }] of panels.entries()) {
    assert.ok(a.x + a.w <= 24, title);
    for (const { title: other, gridPos: b } of panels.slice(i + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      assert.ok(apart, `${title} and ${other}`);
    }
  }
});
