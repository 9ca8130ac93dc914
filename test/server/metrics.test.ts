import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmitter, type Emitter } from "../../src/lib/emitter.ts";
import { createMetrics, type MetricsSettings } from "../../src/server/metrics.ts";
import type { LaneTally } from "../../src/store/store.ts";
import { NODE_LOST } from "../../src/task/decide.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { TargetState } from "../../src/task/target-state.ts";
import { laneState, targetState } from "../rig/state.ts";

const TALLY: LaneTally = {
  lane: "default",
  stored: { pending: 1, processing: 2, completed: 3, failed: 4, cancelled: 5 },
  total: { accepted: 15, completed: 3, failed: 4, cancelled: 5 },
  inFlight: 6,
};

const TARGET = targetState({ pool: "models", inFlight: 7 });

interface Stage {
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Every series with its value, by `name{label="value",…}` with the labels in order. */
  readonly read: () => Promise<ReadonlyMap<string, number>>;
  readonly text: () => Promise<string>;
}

function stage(overrides: Partial<MetricsSettings> = {}): Stage {
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const metrics = createMetrics({
    events,
    tally: async () => [TALLY],
    lanes: () => [laneState({ maxQueueSize: 9, maxConcurrent: 8 })],
    targets: () => [TARGET],
    connections: () => ({ waiting: 0, streams: 0 }),
    version: "1.2.3",
    ...overrides,
  });
  return { emit: events.emit, text: metrics.text, read: async () => parse(await metrics.text()) };
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;

/** Reads the text format, version 0.0.4, and refuses what is none: a series without its type, or one that comes twice. */
function parse(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  const types = new Map<string, string>();
  assert.ok(text.endsWith("\n"));
  for (const line of text.split("\n")) {
    const declared = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line);
    if (declared !== null) {
      assert.ok(!types.has(declared[1] as string), `${line} comes twice`);
      types.set(declared[1] as string, declared[2] as string);
    }
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "", labels = "", value = ""] = SERIES.exec(line) ?? assert.fail(`not a series: ${line}`);
    assert.ok(types.has(name) || types.has(name.replace(/_(?:bucket|sum|count)$/, "")), `no type: ${line}`);
    const sorted =
      labels
        .match(/[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"/g)
        ?.toSorted()
        .join() ?? "";
    const key = sorted === "" ? name : `${name}{${sorted}}`;
    assert.ok(!series.has(key), `${key} comes twice`);
    series.set(key, Number(value));
  }
  return series;
}

function ours(series: ReadonlyMap<string, number>, name: string): Record<string, number> {
  const keys = [...series].filter(([key]) => key === name || key.startsWith(`${name}{`));
  return Object.fromEntries(keys.map(([key, value]) => [key.slice(name.length), value]));
}

test("lanes as they stand when somebody reads", async () => {
  const series = await stage().read();
  assert.deepEqual(ours(series, "headgate_tasks"), {
    '{lane="default",state="pending"}': 1,
    '{lane="default",state="processing"}': 2,
    '{lane="default",state="completed"}': 3,
    '{lane="default",state="failed"}': 4,
    '{lane="default",state="cancelled"}': 5,
  });
  for (const [name, value] of [
    ["headgate_queue_size", 1],
    ["headgate_queue_capacity", 9],
    ["headgate_in_flight", 6],
    ["headgate_concurrency_limit", 8],
    ["headgate_lane_paused", 0],
  ] as const) {
    assert.deepEqual(ours(series, name), { '{lane="default"}': value }, name);
  }
  assert.deepEqual(ours(series, "headgate_build_info"), { '{version="1.2.3"}': 1 });
});

test("targets as they stand, and which of them may be sent requests", async () => {
  const states: readonly [Partial<TargetState>, number][] = [
    [{}, 1],
    [{ healthy: true, circuit: "half_open" }, 1],
    [{ healthy: false }, 0],
    [{ healthy: true, circuit: "open" }, 0],
  ];
  for (const [state, up] of states) {
    const series = await stage({ targets: () => [{ ...TARGET, ...state }] }).read();
    const labels = 'pool="models"';
    const target = 'target="http://target:8000"';
    assert.deepEqual(ours(series, "headgate_target_up"), { [`{${labels},${target}}`]: up });
    assert.deepEqual(ours(series, "headgate_target_in_flight"), { [`{${labels},${target}}`]: 7 });
    assert.deepEqual(
      ours(series, "headgate_target_circuit"),
      Object.fromEntries(
        ["closed", "open", "half_open"].map((each) => [
          `{${labels},state="${each}",${target}}`,
          each === (state.circuit ?? "closed") ? 1 : 0,
        ]),
      ),
    );
  }
});

test("what is gone is shown no more", async () => {
  let tallies = [TALLY, { ...TALLY, lane: "former" }];
  let targets = [TARGET, { ...TARGET, url: "http://former" }];
  const { read } = stage({ tally: async () => tallies, targets: () => targets });
  assert.equal((await read()).get('headgate_queue_size{lane="former"}'), 1);
  tallies = [];
  targets = [TARGET];
  const keys = [...(await read()).keys()];
  assert.deepEqual(
    keys.filter((key) => key.includes("former")),
    [],
  );
  assert.ok(keys.includes('headgate_queue_size{lane="default"}'), "an unused lane has a size of 0");
});

test("tasks, refusals and retries are counted as they happen", async () => {
  const { emit, read } = stage();
  const lane = "default";
  const task = { id: "a", lane, client: "c", attempt: 1, error: null };
  for (let i = 0; i < 3; i++) {
    emit("task.accepted", {
      ...task,
      method: "POST",
      path: "/secret",
      sizeBytes: 1,
      priority: 4,
      notBefore: null,
      retryOf: null,
    });
  }
  emit("task.ended", { ...task, from: "processing", state: "completed", reason: "completed" });
  emit("task.ended", { ...task, from: "pending", state: "cancelled", reason: "cancelled" });
  emit("task.refused", { lane, method: "POST", path: "/secret", code: "queue_full" });
  emit("retry.held_back", { id: "a", lane, pool: "models" });
  const series = await read();
  assert.deepEqual(ours(series, "headgate_tasks_total"), {
    '{event="accepted",lane="default"}': 3,
    '{event="completed",lane="default"}': 1,
    '{event="cancelled",lane="default"}': 1,
  });
  assert.deepEqual(ours(series, "headgate_refused_total"), { '{code="queue_full"}': 1 });
  assert.deepEqual(ours(series, "headgate_retries_held_back_total"), { '{pool="models"}': 1 });
  assert.deepEqual(
    [...series.keys()].filter((key) => key.includes("secret")),
    [],
    "no label comes from a request",
  );
});

test("times are those of first starts and of targets that were reached", async () => {
  const { emit, read } = stage();
  const started = { id: "a", lane: "default", client: "c", waitedMs: 2_000 };
  emit("attempt.started", { ...started, attempt: 1 });
  emit("attempt.started", { ...started, attempt: 2, waitedMs: 60_000 });
  const ended = {
    id: "a",
    lane: "default",
    client: "c",
    attempt: 1,
    target: "http://t",
    status: null,
    durationMs: 1_500,
  };
  emit("attempt.ended", { ...ended, outcome: "answered", error: null });
  emit("attempt.ended", { ...ended, outcome: "never_sent", error: { code: "dns_error", message: "" } });
  emit("attempt.ended", { ...ended, outcome: "unknown", error: NODE_LOST });
  emit("attempt.ended", { ...ended, target: null, outcome: "interrupted", error: null });
  const series = await read();
  assert.deepEqual(ours(series, "headgate_attempts_total"), {
    '{lane="default",outcome="answered"}': 1,
    '{lane="default",outcome="never_sent"}': 1,
    '{lane="default",outcome="unknown"}': 1,
    '{lane="default",outcome="interrupted"}': 1,
  });
  assert.deepEqual(ours(series, "headgate_queue_wait_seconds_sum"), { '{lane="default"}': 2 });
  assert.equal(series.get('headgate_queue_wait_seconds_bucket{lane="default",le="1"}'), 0);
  assert.equal(series.get('headgate_queue_wait_seconds_bucket{lane="default",le="5"}'), 1);
  assert.deepEqual(ours(series, "headgate_attempt_seconds_sum"), { '{lane="default"}': 1.5 });
  assert.deepEqual(ours(series, "headgate_attempt_seconds_count"), { '{lane="default"}': 1 });
  assert.deepEqual(ours(series, "headgate_target_seconds_sum"), { '{target="http://t"}': 1.5 });
  assert.deepEqual(ours(series, "headgate_target_seconds_count"), { '{target="http://t"}': 1 });
});

test("the process is there too, without what would walk over every connection", async () => {
  const { read } = stage();
  const keys = [...(await read()).keys()];
  assert.ok(keys.includes("process_resident_memory_bytes"));
  assert.deepEqual(
    keys.filter((key) => key.startsWith("nodejs_active_")),
    [],
  );
});

test("two nodes in one process do not share their counts", async () => {
  const [one, other] = [stage(), stage()];
  one.emit("task.refused", { lane: "default", method: "GET", path: "/", code: "queue_full" });
  assert.deepEqual(ours(await other.read(), "headgate_refused_total"), {});
});
