import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEmitter, type Emitter } from "../../src/lib/emitter.ts";
import { logEvents } from "../../src/server/log.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { EVENTS, SECRET } from "./events.ts";
import { createFileLog, createTimers } from "./logging.ts";

function emitAll(events: Emitter<TaskEvents>): void {
  for (const name of Object.keys(EVENTS) as (keyof TaskEvents)[]) events.emit(name, EVENTS[name]);
}

const createEvents = (): Emitter<TaskEvents> =>
  createEmitter((failure) => {
    throw failure;
  });

describe("every event has its line and level", () => {
  const LEVELS: Record<string, string> = {
    "task accepted": "info",
    "a request that had come before": "debug",
    "attempt started": "debug",
    "attempt ended": "debug",
    "task back in line": "info",
    "task failed": "warn",
    "late outcome not written: the task was cancelled or taken over meanwhile": "info",
    "task removed": "info",
    "old tasks removed": "info",
    "task taken over from a node that stopped": "warn",
    "target fails again and again: it gets no requests for a while": "warn",
    "target fails its health checks: it gets no requests": "warn",
    "retry put off: too many of the requests to its targets are retries": "debug",
    "lane changed": "info",
    progress: "debug",
    "webhook given up": "warn",
    "webhook receiver is gone: nothing is sent there any more": "warn",
    alert: "warn",
    "alert resolved": "info",
    "call turned away": "debug",
    "key added": "warn",
    "no room on the disk: new tasks are refused": "error",
    "room on the disk again: new tasks are accepted": "warn",
    "requests refused": "warn",
  };
  const rank = ["debug", "info", "warn", "error"];
  for (const logLevel of ["debug", "info", "warn", "error"] as const) {
    test(`at level ${logLevel}`, async (context) => {
      const { log, lines } = createFileLog(context, logLevel);
      const events = createEvents();
      const unsubscribe = logEvents(log, events, createTimers().clock);
      emitAll(events);
      unsubscribe();
      emitAll(events);
      const expected = Object.entries(LEVELS).filter(
        ([, level]) => rank.indexOf(level) >= rank.indexOf(logLevel),
      );
      const logged = (await lines()).map(({ msg, level }) => [msg, level]);
      assert.deepEqual(new Map(logged as [string, string][]), new Map(expected));
    });
  }

  test("completed and cancelled are information", async (context) => {
    const { log, lines } = createFileLog(context, "info");
    const events = createEvents();
    context.after(logEvents(log, events, createTimers().clock));
    for (const state of ["completed", "cancelled"] as const) {
      events.emit("task.ended", { ...EVENTS["task.ended"], state, reason: state, error: null });
    }
    assert.deepEqual(
      (await lines()).map(({ level, msg, task }) => [level, msg, task]),
      [
        ["info", "task completed", "t1"],
        ["info", "task cancelled", "t1"],
      ],
    );
  });
});

test("nothing subscribes to what would not be logged", (context) => {
  const { log } = createFileLog(context, "warn");
  const subscribed: string[] = [];
  const events: Emitter<TaskEvents> = {
    emit: () => undefined,
    on(name) {
      subscribed.push(name);
      return () => undefined;
    },
  };
  logEvents(log, events);
  assert.deepEqual(subscribed.toSorted(), [
    "alert.raised",
    "key.changed",
    "lease.taken_over",
    "storage.full",
    "storage.recovered",
    "target.circuit",
    "target.health",
    "task.ended",
    "task.refused",
    "webhook.disabled",
    "webhook.tried",
  ]);
});

test("a line carries what identifies the task, and the time", async (context) => {
  const { log, lines } = createFileLog(context, "info");
  const events = createEvents();
  context.after(logEvents(log, events, createTimers().clock));
  events.emit("task.accepted", EVENTS["task.accepted"]);
  events.emit("task.requeued", EVENTS["task.requeued"]);
  const [accepted, requeued] = await lines();
  const { time, ...rest } = accepted!;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    level: "info",
    task: "t1",
    path: "/a/b",
    lane: "default",
    client: "c1",
    method: "POST",
    sizeBytes: 7,
    priority: 4,
    notBefore: null,
    retryOf: null,
    msg: "task accepted",
  });
  assert.equal(requeued!.notBefore, "2026-02-02T02:40:00.000Z");
});

describe("no line carries a secret", () => {
  for (const logFormat of ["json", "pretty"] as const) {
    test(logFormat, async (context) => {
      const { log, text } = createFileLog(context, "trace", logFormat);
      const events = createEvents();
      const unsubscribe = logEvents(log, events, createTimers().clock);
      emitAll(events);
      unsubscribe();
      log.info(
        { headers: ["Authorization", SECRET], authorization: SECRET, cookie: SECRET, body: SECRET },
        "whole",
      );
      log.info(
        { req: { headers: { cookie: SECRET } }, res: { headers: { "set-cookie": SECRET } } },
        "nested",
      );
      const failure = Object.assign(
        new Error("odd answer", { cause: Object.assign(new Error("inner"), { body: SECRET }) }),
        {
          headers: { authorization: SECRET },
          body: SECRET,
        },
      );
      log.error(failure, "failed");
      log.error({ err: failure }, "failed");
      const written = await text();
      assert.match(written, /odd answer/);
      assert.match(written, /inner/);
      assert.doesNotMatch(written, new RegExp(SECRET));
    });
  }
});

test("a path cannot drive a terminal, and is not longer than needed", async (context) => {
  const { log, lines } = createFileLog(context, "info");
  const events = createEvents();
  context.after(logEvents(log, events, createTimers().clock));
  const paths = ["/\u001b[2J\u009b1m", "/\ud800", "/ä", `/${"x".repeat(5_000)}`];
  for (const path of paths) events.emit("task.accepted", { ...EVENTS["task.accepted"], path });
  const logged = (await lines()).map(({ path }) => String(path));
  assert.deepEqual(logged.slice(0, 3), ["/%1B[2J%C2%9B1m", "/%EF%BF%BD", "/%C3%A4"]);
  assert.equal(logged[3]!.length, 256);
});

test("a storm of refusals is one line a second, and none is lost at the end", async (context) => {
  const { log, lines } = createFileLog(context, "info");
  const { clock, pending } = createTimers();
  const events = createEvents();
  const unsubscribe = logEvents(log, events, clock);
  const refuse = (code: string, times: number): void => {
    for (let time = 0; time < times; time++) events.emit("task.refused", { ...EVENTS["task.refused"], code });
  };
  refuse("queue_full", 10_000);
  refuse("shutting_down", 2);
  assert.deepEqual(await lines(), []);
  assert.equal(pending.length, 1);
  pending.shift()!();
  refuse("storage_full", 3);
  unsubscribe();
  assert.equal(pending.length, 0);
  assert.deepEqual(
    (await lines()).map(({ msg, counts, first }) => [msg, counts, first]),
    [
      [
        "requests refused",
        { queue_full: 10_000, shutting_down: 2 },
        { method: "GET", path: "/c", lane: "default" },
      ],
      ["requests refused", { storage_full: 3 }, { method: "GET", path: "/c", lane: "default" }],
    ],
  );
});
