import assert from "node:assert/strict";
import { test } from "node:test";
import { type LaneSettings, UNCHANGED } from "../../src/task/lane.ts";
import { laneState } from "../rig/state.ts";
import { openControl, VIEW_OPTIONS } from "./control.ts";

const SLOW = "slow.models_1-a";

test("a lane tells its policy, what was changed about it, and what holds it", async (t) => {
  const learned = laneState(
    {
      name: SLOW,
      pool: "models",
      maxConcurrent: "auto",
      rate: { count: 50, perMs: 60_000, burst: 5 },
      startWithinMs: 3_600_000,
      priority: 7,
      maxQueueSize: 8,
    },
    {
      route: { paths: ["/v1/**"], methods: ["POST"], hosts: ["*.example.com"] },
      settings: { ...UNCHANGED, maxConcurrent: "auto", maxQueueSize: 8 },
      limit: 13,
      hold: { kind: "retry_after", until: Date.UTC(2026, 1, 4, 3, 4, 5, 678) },
    },
  );
  const { app, submit } = await openControl(t, { lanes: () => [laneState(), learned] });
  await submit({ lane: SLOW });
  const answer = await app.inject(`/lanes/${SLOW}`);
  assert.deepEqual(answer.json(), {
    success: true,
    lane: {
      name: SLOW,
      match: ["/v1/**"],
      methods: ["POST"],
      hosts: ["*.example.com"],
      target: "models",
      paused: false,
      waiting_for: { reason: "retry_after", until: "2026-02-04T03:04:05.678Z" },
      limit: 13,
      adaptive: true,
      rate: "50/m",
      timeout_seconds: 600,
      start_within_seconds: 3_600,
      max_attempts: 3,
      priority: 7,
      overrides: { max_concurrent: "auto", queue: 8, rate: null },
      tasks: { pending: 1, processing: 0, completed: 0, failed: 0, cancelled: 0 },
      totals: { accepted: 1, completed: 0, failed: 0, cancelled: 0 },
      queue: { size: 1, capacity: 8 },
      in_flight: 0,
      queue_wait_seconds: null,
      target_seconds: null,
      long_tasks: 0,
    },
  });
  assert.equal(answer.headers["cache-control"], "no-store");
});

test("a lane that only the store still knows can be looked at, and not changed", async (t) => {
  const { app, submit } = await openControl(t);
  await submit({ lane: "former" });
  const { lane } = (await app.inject("/lanes/former")).json<{ lane: Record<string, unknown> }>();
  assert.deepEqual([lane["target"], lane["waiting_for"]], [null, { reason: "no_route", until: null }]);
  assert.equal((await app.inject({ method: "POST", url: "/lanes/former/pause" })).statusCode, 404);
});

test("what is asked reaches the lane, and the answer is how it stands then", async (t) => {
  const asked: (readonly [string, Partial<LaneSettings>])[] = [];
  let settings = UNCHANGED;
  const { app } = await openControl(t, {
    lanes: () => [laneState({ name: "a b/c" }, { settings })],
    changeLane: async (name, change) => {
      asked.push([name, change]);
      settings = { ...settings, ...change };
      return true;
    },
  });
  const send = async (method: "POST" | "PATCH", path: string, payload?: object) => {
    const answer = await app.inject({
      method,
      url: `/lanes/a%20b%2Fc${path}`,
      ...(payload === undefined ? {} : { payload }),
    });
    assert.equal(answer.statusCode, 200, answer.body);
    const { paused, overrides } = answer.json<{ lane: { paused: boolean; overrides: object } }>().lane;
    return [paused, overrides];
  };
  const none = { max_concurrent: null, queue: null, rate: null };
  assert.deepEqual(await send("POST", "/pause"), [true, none]);
  assert.deepEqual(await send("POST", "/resume"), [false, none]);
  const all = { max_concurrent: 12, queue: 1_000_000_000, rate: "50/s" };
  assert.deepEqual(await send("PATCH", "", all), [false, all]);
  assert.deepEqual(await send("PATCH", "", { max_concurrent: "auto" }), [
    false,
    { ...all, max_concurrent: "auto" },
  ]);
  assert.deepEqual(await send("PATCH", "", { rate: "none" }), [
    false,
    { ...all, max_concurrent: "auto", rate: "none" },
  ]);
  assert.deepEqual(await send("PATCH", "", none), [false, none]);
  assert.deepEqual(asked, [
    ["a b/c", { paused: true }],
    ["a b/c", { paused: false }],
    [
      "a b/c",
      { maxConcurrent: 12, maxQueueSize: 1_000_000_000, rate: { count: 50, perMs: 1_000, burst: 5 } },
    ],
    ["a b/c", { maxConcurrent: "auto" }],
    ["a b/c", { rate: "none" }],
    ["a b/c", { maxConcurrent: null, maxQueueSize: null, rate: null }],
  ]);
});

test("of a change that is wrong in part nothing is done", async (t) => {
  const { app } = await openControl(t, { changeLane: () => assert.fail("changed") });
  for (const payload of [
    { queue: 5, rate: "fast" },
    { queue: 5, paused: true },
    { queue: 5, max_concurrent: -1 },
  ]) {
    const answer = await app.inject({ method: "PATCH", url: "/lanes/default", payload });
    assert.equal(answer.statusCode, 400, answer.body);
  }
});

test("a wrong value is told what is allowed", async (t) => {
  const { app } = await openControl(t);
  const messageFor = async (payload: object) =>
    (await app.inject({ method: "PATCH", url: "/lanes/default", payload })).json<{ message: string }>()
      .message;
  const limit = 'max_concurrent must be a whole number from 1 to 100000, "auto" or null.';
  for (const value of [0, 1.5, "many", true, []]) {
    assert.equal(await messageFor({ max_concurrent: value }), limit, JSON.stringify(value));
  }
  assert.equal(
    await messageFor({ queue: "7" }),
    "queue must be a whole number from 1 to 1000000000 or null.",
  );
  for (const value of ["50", "5/w", 50]) {
    assert.equal(
      await messageFor({ rate: value }),
      'rate must be a rate such as "50/s" (or /m, /h, /d), "none" or null.',
    );
  }
  assert.match(await messageFor({ paused: true }), /^paused is not one of max_concurrent, queue, rate/);
});

test("a list tells what each of its tasks waits for", async (t) => {
  const { app, submit } = await openControl(t, {
    viewOptions: {
      ...VIEW_OPTIONS,
      holdOf: (lane) => (lane === "default" ? { kind: "lane_limit", until: null } : null),
    },
  });
  await submit();
  await submit({ lane: "other" });
  await submit({ notBefore: Date.UTC(2999, 0, 1) });
  const { tasks } = (await app.inject("/tasks")).json<{ tasks: { waiting_for: unknown }[] }>();
  assert.deepEqual(
    tasks.map(({ waiting_for: waitingFor }) => waitingFor),
    [
      { reason: "not_before", until: "2999-01-01T00:00:00.000Z" },
      null,
      { reason: "lane_limit", until: null },
    ],
  );
});
