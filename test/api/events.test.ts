import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskEvents } from "../../src/task/event.ts";
import type { SeenEvent } from "../rig/sse.ts";
import { EVENTS } from "../server/events.ts";
import { openTelling, type TellingControl } from "./telling.ts";

/** Everything but numbers every two seconds. */
const QUIET = "/events?types=task,lane,target,webhook,alert";

const TASK = { id: "t1", lane: "images", client: "me" };

function accept({ emitter }: TellingControl, task: Partial<TaskEvents["task.accepted"]> = {}): void {
  emitter.emit("task.accepted", { ...EVENTS["task.accepted"], ...TASK, ...task });
}

function start({ emitter }: TellingControl, task: Partial<TaskEvents["attempt.started"]> = {}): void {
  emitter.emit("attempt.started", { ...TASK, attempt: 1, waitedMs: 1, ...task });
}

function finish({ emitter }: TellingControl, task: Partial<TaskEvents["task.ended"]> = {}): void {
  emitter.emit("task.ended", {
    ...TASK,
    from: "processing",
    state: "completed",
    reason: "completed",
    attempt: 1,
    error: null,
    ...task,
  });
}

const told = (events: readonly SeenEvent[]): readonly string[] =>
  events.map(({ event, data }) => `${event} ${data.task_id} ${data.status ?? data.percent ?? ""}`);

test("all tasks are told of as they change", async (t) => {
  const control = await openTelling(t);
  const stream = await control.listen(QUIET);
  accept(control, { notBefore: Date.UTC(2026, 1, 4, 3, 4, 5, 678) });
  start(control);
  const attempt = { ...TASK, attempt: 1 };
  const error = { code: "connection_refused", message: "m" };
  control.emitter.emit("attempt.ended", {
    ...attempt,
    target: null,
    outcome: "never_sent",
    status: null,
    durationMs: 1,
    error,
  });
  control.emitter.emit("task.requeued", { ...attempt, reason: "retry_backoff", notBefore: 0, tried: true });
  control.emitter.emit("task.progress", { ...TASK, progress: { percent: 5, message: "m", at: 0 } });
  finish(control, { state: "failed", reason: "target_error", error });
  control.emitter.emit("task.removed", { ...TASK, state: "failed" });
  control.emitter.emit("tasks.pruned", { count: 3 });
  await stream.until(({ event }) => event === "pruned");
  assert.deepEqual(told(stream.events), [
    "state t1 pending",
    "state t1 processing",
    "state t1 pending",
    "progress t1 5",
    "final t1 failed",
    "removed t1 ",
    "pruned undefined ",
  ]);
  const [accepted, , requeued] = stream.events.map(({ data }) => data);
  const { at, ...rest } = accepted;
  assert.match(at, /^\d{4}-.*Z$/);
  assert.deepEqual(rest, {
    task_id: "t1",
    status: "pending",
    reason: "delayed",
    route: "images",
    client: "me",
    attempt: null,
    due_at: "2026-02-04T03:04:05.678Z",
    error: null,
    method: "POST",
    path: EVENTS["task.accepted"].path,
    priority: 4,
  });
  assert.deepEqual([requeued.due_at, requeued.error], ["1970-01-01T00:00:00.000Z", error]);
});

test("a task is told of as accepted before it is told of as started, whichever was heard of first", async (t) => {
  const control = await openTelling(t);
  const stream = await control.listen(QUIET);
  start(control);
  accept(control);
  await stream.until(({ data }) => data.status === "processing");
  assert.deepEqual(told(stream.events), ["state t1 pending", "state t1 processing"]);
});

test("lanes, targets, webhooks and alerts are told of, and no secret in the URL of a receiver", async (t) => {
  const control = await openTelling(t);
  const stream = await control.listen(QUIET);
  const { emit } = control.emitter;
  for (const name of [
    "lane.changed",
    "target.circuit",
    "target.health",
    "webhook.tried",
    "alert.raised",
    "alert.resolved",
  ] as const) {
    emit(name, EVENTS[name] as never);
  }
  emit("webhook.disabled", { url: "https://hooks.example/services/T0/S3CRET?x=S3CRET", failed: 2 });
  await stream.until(({ data }) => data.state === "disabled");
  assert.deepEqual(
    stream.events.map(({ event }) => event),
    ["lane", "target", "target", "webhook", "alert", "alert", "webhook"],
  );
  assert.deepEqual(stream.events.at(-1)?.data, {
    receiver: "https://hooks.example",
    state: "disabled",
    failed: 2,
  });
  assert.ok(!stream.text.includes("S3CRET"));
});

test("filters: kinds of events, a route, a state", async (t) => {
  const control = await openTelling(t);
  const lanes = await control.listen("/events?types=lane");
  const images = await control.listen("/events?types=task&route=images");
  const failed = await control.listen("/events?types=task,lane&status=failed");
  const running = await control.listen("/events?types=task&status=processing");
  accept(control);
  start(control, { id: "t2", lane: "other" });
  control.emitter.emit("task.progress", { ...TASK, progress: { percent: 5, message: "m", at: 0 } });
  finish(control, { state: "failed" });
  finish(control, { id: "t2", lane: "other" });
  control.emitter.emit("task.removed", { ...TASK, state: "failed" });
  control.emitter.emit("lane.changed", EVENTS["lane.changed"]);
  for (const stream of [lanes, failed]) await stream.until(({ event }) => event === "lane");
  await images.until(({ event }) => event === "removed");
  await running.until(({ event }) => event === "progress");
  assert.deepEqual(
    [lanes, images, failed, running].map(({ events }) => told(events).map((line) => line.trim())),
    [
      ["lane undefined"],
      ["state t1 pending", "progress t1 5", "final t1 failed", "removed t1"],
      ["final t1 failed", "removed t1", "lane undefined"],
      ["state t2 processing", "progress t1 5"],
    ],
  );
});

test("stats come at once and again and again, to those who want them", async (t) => {
  const { listen } = await openTelling(t);
  const stream = await listen("/events?types=stats");
  const { data } = await stream.until(({ event }) => event === "stats");
  assert.deepEqual(data.queue, { size: 0, capacity: 100 });
  assert.deepEqual([data.in_flight, data.limit, data.lanes[0].name], [0, 10, "default"]);
  let count = 0;
  await stream.until(({ event }) => event === "stats" && (count += 1) > 1);
  assert.ok(stream.events.every(({ event }) => event === "stats"));
});

test("whoever comes again is told what was missed, once", async (t) => {
  const control = await openTelling(t);
  const first = await control.listen(QUIET);
  accept(control);
  await first.until(({ data }) => data.status === "pending");
  first.cut();
  await first.ended;
  start(control);
  // Its filter goes for what was missed, too.
  start(control, { id: "t2", lane: "other" });
  const second = await control.listen(`${QUIET}&route=images`, { lastEventId: first.lastEventId });
  finish(control);
  await second.until(({ event }) => event === "final");
  assert.deepEqual(told(second.events), ["state t1 processing", "final t1 completed"]);
});

test("whoever has seen nothing yet can come again, too", async (t) => {
  const control = await openTelling(t);
  const first = await control.listen(QUIET);
  while (first.lastEventId === "") await new Promise(setImmediate);
  first.cut();
  accept(control);
  const second = await control.listen(QUIET, { lastEventId: first.lastEventId });
  await second.until(({ event }) => event === "state");
  assert.deepEqual(told(second.events), ["state t1 pending"]);
});

test("where the past is not known, a reset comes first", async (t) => {
  const control = await openTelling(t);
  for (const lastEventId of ["01234567-5", "4-1770174245678", "nonsense"]) {
    const stream = await control.listen(QUIET, { lastEventId });
    accept(control);
    await stream.until(({ event }) => event === "state");
    assert.deepEqual(
      stream.events.map(({ event }) => event),
      ["reset", "state"],
    );
    assert.match(stream.events[0]!.id, /^[0-9a-f]{8}-\d+$/);
  }
});

test("a key that may not survey is told of its own client's tasks, and of nothing else", async (t) => {
  const control = await openTelling(t, {
    callerOf: () => ({ name: "k", role: "submit", client: "me" }),
  });
  const stream = await control.listen("/events");
  accept(control, { id: "t2", client: "you" });
  control.emitter.emit("lane.changed", EVENTS["lane.changed"]);
  control.emitter.emit("task.removed", { ...TASK, client: "you", state: "completed" });
  control.emitter.emit("tasks.pruned", { count: 1 });
  accept(control);
  finish(control, { id: "t2", client: "you" });
  finish(control);
  control.emitter.emit("task.removed", { ...TASK, state: "completed" });
  await stream.until(({ event }) => event === "removed");
  assert.deepEqual(told(stream.events), ["state t1 pending", "final t1 completed", "removed t1 "]);
  for (const types of ["stats", "task,lane"]) {
    const answer = await control.app.inject(`/events?types=${types}`);
    assert.deepEqual([answer.statusCode, answer.json().code], [403, "forbidden"]);
  }
});

test("what is malformed is refused by name", async (t) => {
  const { app } = await openTelling(t);
  for (const [query, field] of [
    ["types=", "types"],
    ["types=task,tasks", "types"],
    ["status=done", "status"],
    ["route=", "route"],
    ["task=t1", "task"],
  ] as const) {
    const answer = await app.inject(`/events?${query}`);
    assert.deepEqual([answer.statusCode, answer.json().field], [400, field], query);
  }
});

test("whoever missed more than a stream may leave unread is told all of it, in order", async (t) => {
  const control = await openTelling(t);
  const before = await control.listen(QUIET);
  accept(control);
  const { id: last } = await before.until(({ event }) => event === "state");
  before.cut();
  const ids = Array.from({ length: 5_000 }, (_, i) => `missed-${i}`);
  for (const id of ids) accept(control, { id, path: `/${"x".repeat(500)}` });
  const again = await control.listen(QUIET, { lastEventId: last });
  accept(control, { id: "later" });
  await again.until(({ data }) => data.task_id === "later");
  const seen = again.events.map(({ data }) => String(data.task_id));
  assert.deepEqual(seen, [...ids, "later"]);
  assert.ok(again.text.length > 2 * 1024 * 1024);
});
