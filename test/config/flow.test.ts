// What the sections of the file become.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Config, LaneConfig } from "../../src/config/config.ts";
import { DEFAULT_POLICY } from "../../src/task/decide.ts";
import { load } from "./loading.ts";

const configOf = (file: string, flags: Readonly<Record<string, string>> = {}): Config =>
  load({ file, flags }).config;

/** The lane of a file with one route, written as the inside of a flow map. */
const laneOf = (fields: string): LaneConfig =>
  configOf(`routes: [{match: /a, target: http://t, ${fields}}]\n`).routes[0]!.lane;

test("a target of the options alone is one pool and one route for everything", () => {
  const { pools, routes, weights } = load({ flags: { target: "http://t/base/" } }).config;
  assert.deepEqual(pools, [
    {
      name: "default",
      targets: [{ url: new URL("http://t/base"), weight: 1, maxConcurrent: null }],
      balance: { by: "round_robin" },
      health: null,
      circuit: { failures: 5, openMs: 5_000, maxOpenMs: 60_000 },
      retryBudget: 0.1,
    },
  ]);
  assert.deepEqual(routes, [
    {
      paths: [],
      methods: [],
      hosts: [],
      lane: {
        name: "default",
        pool: "default",
        maxConcurrent: 10,
        workers: 5,
        maxQueueSize: 100,
        rate: null,
        timeoutMs: 600_000,
        startWithinMs: null,
        maxAttempts: 3,
        policy: DEFAULT_POLICY,
        idempotent: false,
        waitMs: 0,
        onCancel: "disconnect",
        keyIn: "headgate-key",
        cache: null,
        priority: 4,
        retentionMs: 604_800_000,
      },
    },
  ]);
  assert.deepEqual(weights, new Map());
});

test("every field of a route reaches its place", () => {
  const lane = laneOf(
    "name: n, max_concurrent: 7, rate: 10/m, burst: 3, queue: 9, timeout: 90, start_within: 1h, " +
      "retry: {attempts: 6, on: [connect, 500, reset], backoff: {initial: 2s, max: 3s, jitter: none}}, idempotent: true, " +
      "fail_on: [404, 5xx], wait: 25s, on_cancel: finish, key_header: authorization, cache: {ttl: 5m, coalesce: false}, priority: 0, retention: 3d",
  );
  assert.deepEqual(lane, {
    name: "n",
    pool: "n",
    maxConcurrent: 7,
    workers: 7,
    maxQueueSize: 9,
    rate: { count: 10, perMs: 60_000, burst: 3 },
    timeoutMs: 90_000,
    startWithinMs: 3_600_000,
    maxAttempts: 6,
    policy: {
      failOn: new Set([404, ...Array.from({ length: 100 }, (_, i) => 500 + i)]),
      retry: {
        on: new Set(["connect", 500, "reset"]),
        backoff: { initialMs: 2_000, maxMs: 3_000, jitter: "none" },
        longestRetryAfterMs: 3_600_000,
      },
    },
    idempotent: true,
    waitMs: 25_000,
    onCancel: "finish",
    keyIn: "authorization",
    cache: { defaultTtlMs: 300_000, coalesce: false },
    priority: 0,
    retentionMs: 259_200_000,
  });
});

test("what a route does not say it has from the options", () => {
  const flags = {
    "max-concurrent": "11",
    "num-workers": "12",
    "max-queue-size": "13",
    "task-timeout": "14s",
    "max-attempts": "15",
    retention: "16h",
  };
  const { lane } = configOf("routes: [{match: /a, target: http://t}]\n", flags).routes[0]!;
  assert.deepEqual(
    [lane.maxConcurrent, lane.workers, lane.maxQueueSize, lane.timeoutMs, lane.maxAttempts, lane.retentionMs],
    [11, 12, 13, 14_000, 15, 57_600_000],
  );
  assert.deepEqual(lane.policy, DEFAULT_POLICY);
});

describe("short forms", () => {
  const cases: Record<string, Partial<LaneConfig>> = {
    "retry: off": { maxAttempts: 1, policy: DEFAULT_POLICY },
    "retry: false": { maxAttempts: 1 },
    "wait: off": { waitMs: 0 },
    "wait: false": { waitMs: 0 },
    "retry: {}": { maxAttempts: 3, policy: DEFAULT_POLICY },
    "fail_on: []": { policy: { ...DEFAULT_POLICY, failOn: new Set() } },
    "fail_on: 503": { policy: { ...DEFAULT_POLICY, failOn: new Set([503]) } },
    "cache: true": { cache: { defaultTtlMs: null, coalesce: true } },
    "cache: {}": { cache: { defaultTtlMs: null, coalesce: true } },
    "cache: false": { cache: null },
    "max_concurrent: auto": { maxConcurrent: "auto", workers: 1_000 },
    "max_concurrent: 40": { maxConcurrent: 40, workers: 40 },
    "rate: 50/s": { rate: { count: 50, perMs: 1_000, burst: 5 } },
    "rate: 9/h": { rate: { count: 9, perMs: 3_600_000, burst: 1 } },
    "rate: 100/d": { rate: { count: 100, perMs: 86_400_000, burst: 10 } },
  };
  for (const [fields, expected] of Object.entries(cases)) {
    test(fields, () => {
      const lane = laneOf(fields);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(lane[key as keyof LaneConfig], value, key);
      }
    });
  }
  test("a first wait beyond the usual longest one moves that", () => {
    const { policy } = laneOf("retry: {backoff: {initial: 5m}}");
    assert.deepEqual(policy.retry.backoff, { initialMs: 300_000, maxMs: 300_000, jitter: "full" });
  });
});

test("one path, method or host needs no list; methods are upper case, hosts as clients name them", () => {
  const { routes } = configOf(
    'routes: [{match: /a, methods: post, hosts: "*.Example.com", target: http://t},' +
      ' {match: [/b, /c/*], methods: [get, GET], hosts: ["::1", bücher.example], target: http://t}]\n',
  );
  assert.deepEqual(
    routes.map(({ paths, methods, hosts }) => [paths, methods, hosts]),
    [
      [["/a"], ["POST"], ["*.example.com"]],
      [["/b", "/c/*"], ["GET"], ["[::1]", "xn--bcher-kva.example"]],
    ],
  );
});

describe("where a route leads", () => {
  const leads = (file: string, flags: Readonly<Record<string, string>> = {}): readonly string[] =>
    configOf(file, flags).routes.map(({ lane }) => `${lane.name}→${lane.pool}`);
  const target = { target: "http://t" };
  test("a target of the options gets what no route matches, and is the default of those that do", () => {
    assert.deepEqual(leads("routes: [{match: /a}]\n", target), ["a→default", "default→default"]);
    assert.deepEqual(leads("routes: [{match: /a}]\ntarget: http://t\n"), ["a→default", "default→default"]);
  });
  test("unless a route is there for everything", () => {
    assert.deepEqual(leads("routes: [{match: /**, name: all}]\n", target), ["all→default"]);
    assert.deepEqual(leads("routes: [{match: [/, /x], name: default}]\n", target), ["default→default"]);
    const some = "routes: [{match: /, hosts: a.example}, {match: /, methods: GET}]\n";
    assert.deepEqual(leads(some, target), ["a.example→default", "get-default→default", "default→default"]);
  });
  test("without one, the only targets, or those named default", () => {
    assert.deepEqual(leads("targets: {m: http://m}\nroutes: [{match: /a}]\n"), ["a→m"]);
    assert.deepEqual(leads("targets: {m: http://m, default: http://d}\nroutes: [{match: /a}]\n"), [
      "a→default",
    ]);
  });
  test("a URL makes targets of the route's own", () => {
    const { pools } = configOf("routes: [{match: /a, target: http://x/}, {match: /b, target: http://x}]\n");
    assert.deepEqual(
      pools.map(({ name, targets }) => [name, targets[0]?.url.href]),
      [
        ["a", "http://x/"],
        ["b", "http://x/"],
      ],
    );
  });
  test("routes need no target of the options, and none is in force then", () => {
    const { effective } = load({ file: "routes: [{match: /a, target: http://x}]\n" });
    assert.equal(effective.find(({ option }) => option.name === "target-port")?.text, null);
  });
});

test("clients by name", () => {
  const { weights } = configOf(
    "target: http://t\nclients: {gold: {weight: 4}, 10.0.0.1: {weight: 0.5}, x: {}}\n",
  );
  assert.deepEqual(
    [...weights],
    [
      ["gold", 4],
      ["10.0.0.1", 0.5],
      ["x", 1],
    ],
  );
});

test("an alias stands for what it names", () => {
  const { routes } = configOf(
    "routes:\n- {match: /a, target: http://t, retry: &twice {attempts: 2}}\n- {match: /b, target: http://t, retry: *twice}\n",
  );
  assert.deepEqual(
    routes.map(({ lane }) => lane.maxAttempts),
    [2, 2],
  );
});
