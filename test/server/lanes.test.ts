import assert from "node:assert/strict";
import { test } from "node:test";
import type { LaneConfig, RouteConfig } from "../../src/config/config.ts";
import type { ActiveLane } from "../../src/dispatch/lane.ts";
import { createLanes, type Lanes } from "../../src/server/lanes.ts";
import { type LaneSettings, UNCHANGED } from "../../src/task/lane.ts";
import { newLane } from "../rig/lane.ts";

const RATE = { count: 5, perMs: 1_000, burst: 1 };

function route(path: string, lane: Partial<LaneConfig>): RouteConfig {
  return { paths: [path], methods: [], hosts: [], lane: newLane(lane) };
}

function stage(
  routes: readonly RouteConfig[],
  changed: ReadonlyMap<string, LaneSettings> = new Map(),
  write: (lane: string, settings: LaneSettings) => Promise<void> = async () => {},
) {
  const written: (readonly [string, LaneSettings])[] = [];
  const told: LaneSettings[] = [];
  const applied: (readonly ActiveLane[])[] = [];
  const lanes: Lanes = createLanes({
    routes,
    changed,
    async write(lane, settings) {
      await write(lane, settings);
      written.push([lane, settings]);
    },
    emit: (_name, payload) => void told.push((payload as { settings: LaneSettings }).settings),
    onChange: (active) => void applied.push(active),
  });
  return { lanes, written, told, applied };
}

test("what was changed about a lane goes before the file, in the lane and in what the router answers", async () => {
  const { lanes, written, told, applied } = stage([route("/a", { name: "a", workers: 5, rate: RATE })]);
  assert.equal(await lanes.change("a", { maxConcurrent: 50, maxQueueSize: 7, rate: "none" }), true);
  const expected = { ...UNCHANGED, maxConcurrent: 50, maxQueueSize: 7, rate: "none" };
  for (const lane of [lanes.named("a"), lanes.match("GET", "/a", undefined), applied[0]![0]!.config])
    assert.deepEqual([lane?.maxConcurrent, lane?.workers, lane?.maxQueueSize, lane?.rate], [50, 50, 7, null]);
  assert.deepEqual([written, told], [[["a", expected]], [expected]]);
});

test("null is as the file says, also what the file says later", async () => {
  const { lanes } = stage([route("/a", { name: "a", maxConcurrent: 3, workers: 2 })]);
  await lanes.change("a", { maxConcurrent: 9 });
  lanes.configure([route("/a", { name: "a", maxConcurrent: 4, workers: 4 })]);
  assert.equal(lanes.named("a")?.maxConcurrent, 9);
  await lanes.change("a", { maxConcurrent: null });
  assert.deepEqual([lanes.named("a")?.maxConcurrent, lanes.named("a")?.workers], [4, 4]);
});

test("changes of earlier lives hold from the start, and for a route that comes back", async () => {
  const { lanes } = stage([route("/a", { name: "a" })], new Map([["a", { ...UNCHANGED, paused: true }]]));
  assert.equal(lanes.all()[0]?.paused, true);
  lanes.configure([route("/b", { name: "b" })]);
  assert.equal(lanes.named("a"), null);
  lanes.configure([route("/a", { name: "a" })]);
  assert.equal(lanes.all()[0]?.paused, true);
});

test("a change that cannot be kept is not made", async () => {
  const { lanes, told, applied } = stage([route("/a", { name: "a" })], new Map(), () =>
    Promise.reject(new Error("full")),
  );
  await assert.rejects(lanes.change("a", { paused: true }), /full/);
  assert.equal(lanes.all()[0]?.paused, false);
  assert.deepEqual([told, applied], [[], []]);
  assert.equal(await lanes.change("b", { paused: true }), false);
});

test("changes at the same time add up", async () => {
  const { lanes, written } = stage([route("/a", { name: "a" })]);
  await Promise.all([lanes.change("a", { paused: true }), lanes.change("a", { maxQueueSize: 3 })]);
  assert.deepEqual(written.at(-1)?.[1], { ...UNCHANGED, paused: true, maxQueueSize: 3 });
});
