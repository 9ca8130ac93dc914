import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { logEvents } from "../../src/server/log.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { UNCHANGED } from "../../src/task/lane.ts";
import { createFileLog, createTimers } from "./logging.ts";

test("a target that is lost is a warning, one that comes back is information", async (context) => {
  const { log, lines } = createFileLog(context, "info");
  const events = createEmitter<TaskEvents>((failure) => {
    throw failure;
  });
  context.after(logEvents(log, events, createTimers().clock));
  const target = { pool: "models", target: "http://target:8000" };
  const until = 1_770_000_000_000;
  events.emit("target.circuit", { ...target, from: "closed", to: "open", failures: 5, until });
  events.emit("target.circuit", { ...target, from: "open", to: "half_open", failures: 5, until: null });
  events.emit("target.circuit", { ...target, from: "half_open", to: "closed", failures: 0, until: null });
  events.emit("target.health", { ...target, healthy: false, why: "status 503" });
  events.emit("target.health", { ...target, healthy: true, why: "status 200" });
  const logged = (await lines()).map(({ time: _time, ...line }) => line);
  assert.deepEqual(logged, [
    {
      level: "warn",
      ...target,
      from: "closed",
      to: "open",
      failures: 5,
      until: "2026-02-02T02:40:00.000Z",
      msg: "target fails again and again: it gets no requests for a while",
    },
    {
      level: "info",
      ...target,
      from: "open",
      to: "half_open",
      failures: 5,
      until: null,
      msg: "target is tried again",
    },
    {
      level: "info",
      ...target,
      from: "half_open",
      to: "closed",
      failures: 0,
      until: null,
      msg: "target works again",
    },
    {
      level: "warn",
      ...target,
      healthy: false,
      why: "status 503",
      msg: "target fails its health checks: it gets no requests",
    },
    { level: "info", ...target, healthy: true, why: "status 200", msg: "target passes its health checks" },
  ]);
});

test("a change of a lane names what is changed about it now", async (context) => {
  const { log, lines } = createFileLog(context, "info");
  const events = createEmitter<TaskEvents>((failure) => {
    throw failure;
  });
  context.after(logEvents(log, events, createTimers().clock));
  const settings = { ...UNCHANGED, paused: true, rate: { count: 50, perMs: 60_000, burst: 5 } };
  events.emit("lane.changed", { lane: "default", settings });
  const [{ time: _time, ...line } = {}] = await lines();
  assert.deepEqual(line, {
    level: "info",
    lane: "default",
    paused: true,
    maxConcurrent: null,
    maxQueueSize: null,
    rate: "50/m",
    msg: "lane changed",
  });
});
