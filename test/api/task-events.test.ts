import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attempt, ClaimedTask } from "../../src/task/task.ts";
import { complete, retry } from "../../src/task/transition.ts";
import type { SeenEvent } from "../rig/sse.ts";
import { EVENTS } from "../server/events.ts";
import { UNKNOWN_ID } from "./control.ts";
import { openTelling, type TellingControl } from "./telling.ts";

const REFUSED = { code: "target_error", message: "The target answered with status 503." };

function attemptOf({ attempt, startedAt }: ClaimedTask, endedAt: number): Attempt {
  return {
    number: attempt,
    target: "http://target:8000",
    startedAt,
    endedAt,
    outcome: "answered",
    status: 200,
    error: null,
  };
}

/** Ends the attempt: another try at once, or the end of the task. */
async function end(
  { store, clock, emitter }: TellingControl,
  task: ClaimedTask,
  as: "retry" | "complete",
): Promise<void> {
  const at = clock.now();
  const { lane, client, attempt: number, lease } = task;
  const who = { id: lease.taskId, lane, client, attempt: number };
  if (as === "retry") {
    const attempt = { ...attemptOf(task, at), error: REFUSED };
    await store.settle(retry(task, attempt, "retry_backoff", REFUSED, at, at));
    emitter.emit("task.requeued", { ...who, reason: "retry_backoff", notBefore: at, tried: true });
    return;
  }
  const body = { kind: "inline", bytes: Buffer.from('{\n "n": 1\n}') } as const;
  const answer = { status: 200, headers: ["Content-Type", "application/json"], body };
  await store.settle(complete(task, attemptOf(task, at), answer, at));
  emitter.emit("task.ended", {
    ...who,
    from: "processing",
    state: "completed",
    reason: "completed",
    error: null,
  });
}

const isFinal = ({ event }: SeenEvent): boolean => event === "final";
/** Places in line are told whenever they change, which is not for these tests to say. */
const names = (events: readonly SeenEvent[]): readonly string[] =>
  events
    .filter(({ event }) => event !== "position")
    .map(({ event, data }) => (event === "state" ? `${data.status} ${data.reason}` : event));

test("a task is followed from line to end, and then its stream is over", async (t) => {
  const control = await openTelling(t);
  const id = await control.submit();
  const stream = await control.listen(`/task/${id}/events`);
  const first = await stream.until(({ event }) => event === "state");
  const { created_at: createdAt, ...task } = (await control.app.inject(`/task/${id}`)).json<
    Record<string, unknown>
  >();
  assert.deepEqual(first.data, {
    task_id: id,
    status: "pending",
    reason: "queued",
    route: "default",
    client: "127.0.0.1",
    attempt: null,
    at: createdAt,
    due_at: null,
    error: null,
    method: task.method,
    path: task.path,
    priority: 4,
  });
  const position = await stream.until(({ event }) => event === "position");
  assert.deepEqual(position.data, { task_id: id, position: 1, eta_seconds: 2, waiting_for: null });

  await end(control, await control.begin(), "retry");
  await stream.until(({ data }) => data.reason === "retry_backoff");
  const again = await control.begin();
  await stream.until(({ data }) => data.attempt === 2 && data.status === "processing");
  await control.store.progress.write(id, 2, { percent: 40, message: "page 2", at: control.clock.now() });
  control.emitter.emit("task.progress", {
    id,
    lane: "default",
    client: "127.0.0.1",
    progress: { percent: 40, message: "page 2", at: 0 },
  });
  const { data: progress } = await stream.until(({ event }) => event === "progress");
  assert.deepEqual([progress.percent, progress.message], [40, "page 2"]);
  assert.ok(progress.eta_seconds >= 0);
  await end(control, again, "complete");
  const { id: last, data: final } = await stream.until(isFinal);
  await stream.ended;

  assert.deepEqual(names(stream.events), [
    "pending queued",
    "processing running",
    "pending retry_backoff",
    "processing running",
    "progress",
    "final",
  ]);
  const retried = stream.events.find(({ data }) => data.reason === "retry_backoff");
  assert.deepEqual([retried?.data.attempt, retried?.data.error], [1, REFUSED]);
  // It stands there as `GET /task/{id}` gives it.
  assert.deepEqual(final, (await control.app.inject(`/task/${id}`)).json());
  assert.deepEqual(final.result, { n: 1 });
  assert.deepEqual(control.unexpected, []);

  const after = await control.listen(`/task/${id}/events`, { lastEventId: last });
  assert.equal(after.status, 204);
  assert.equal((await control.listen(`/task/${id}/events?last_event_id=${last}`)).status, 204);
});

test("whoever comes again goes on where they were", async (t) => {
  const control = await openTelling(t);
  const id = await control.submit();
  const path = `/task/${id}/events`;
  const first = await control.listen(path);
  await first.until(({ event }) => event === "position");
  first.cut();
  const task = await control.begin();
  await end(control, task, "retry");
  const second = await control.listen(path, { lastEventId: first.lastEventId });
  await second.until(({ data }) => data.reason === "retry_backoff");
  assert.deepEqual(names(second.events), ["processing running", "pending retry_backoff"]);
  second.cut();
  await end(control, await control.begin(), "complete");
  const third = await control.listen(`${path}?last_event_id=${second.lastEventId}`);
  await third.ended;
  assert.deepEqual(names(third.events), ["processing running", "final"]);
  const whole = await control.listen(path, { lastEventId: "0-0" });
  await whole.ended;
  assert.deepEqual(names(whole.events), [
    "pending queued",
    "processing running",
    "pending retry_backoff",
    "processing running",
    "final",
  ]);
});

test("an id of no event of a task is as none: how it stands is told", async (t) => {
  const control = await openTelling(t);
  const id = await control.submit();
  await control.begin();
  for (const lastEventId of ["a3bb29da-7", "nonsense", "99-99999999"]) {
    const stream = await control.listen(`/task/${id}/events`, { lastEventId });
    await stream.until(({ data }) => data.status === "processing");
    assert.deepEqual(names(stream.events), ["processing running"]);
  }
});

test("a task that ended before is told of in one event", async (t) => {
  const control = await openTelling(t);
  const id = await control.answered({ body: "hello", headers: ["Content-Type", "text/plain"] });
  const stream = await control.listen(`/task/${id}/events`);
  await stream.ended;
  assert.deepEqual(
    stream.events.map(({ id, event, data }) => [id, event, data.result]),
    [["end", "final", "hello"]],
  );
});

test("a large answer is left to be fetched", async (t) => {
  const control = await openTelling(t);
  const id = await control.answered({ body: "x".repeat(100_000), headers: ["Content-Type", "text/plain"] });
  const stream = await control.listen(`/task/${id}/events`);
  const { data } = await stream.until(isFinal);
  assert.deepEqual([data.result, data.response.size_bytes], [null, 100_000]);
  assert.ok(stream.text.length < 4_000);
});

test("a place in line is told when it changes, and only then", async (t) => {
  const control = await openTelling(t);
  const ids = [await control.submit(), await control.submit(), await control.submit()];
  const stream = await control.listen(`/task/${ids[2]}/events`);
  await stream.until(({ data }) => data.position === 3);
  const { store, clock } = control;
  await store.cancel(ids[0]!, clock.now());
  // Nothing is told of the task itself: it is seen within two seconds.
  await stream.until(({ data }) => data.position === 2);
  await store.cancel(ids[1]!, clock.now());
  await stream.until(({ data }) => data.position === 1);
  assert.deepEqual(
    stream.events.flatMap(({ event, data }) => (event === "position" ? [data.position] : [])),
    [3, 2, 1],
  );
});

test("a task that is deleted ends its streams", async (t) => {
  const control = await openTelling(t);
  const id = await control.submit();
  const stream = await control.listen(`/task/${id}/events`);
  await stream.until(({ event }) => event === "position");
  await control.store.cancel(id, control.clock.now());
  await control.store.remove(id);
  control.emitter.emit("task.removed", { ...EVENTS["task.removed"], id });
  await stream.ended;
  assert.equal((await control.listen(`/task/${id}/events`)).status, 404);
});

test("a foreign task is not there", async (t) => {
  const { app, submit } = await openTelling(t, {
    callerOf: () => ({ name: "k", role: "submit", client: "me" }),
  });
  const foreign = await app.inject(`/task/${await submit({ client: "you" })}/events`);
  const unknown = await app.inject(`/task/${UNKNOWN_ID}/events`);
  assert.equal(foreign.statusCode, 404);
  assert.equal(foreign.body, unknown.body);
});

test("what is malformed is refused by name", async (t) => {
  const { app } = await openTelling(t);
  for (const [url, field] of [
    ["/task/x/events", "id"],
    [`/task/${UNKNOWN_ID}/events?last_event_id=${"x".repeat(65)}`, "last_event_id"],
    [`/task/${UNKNOWN_ID}/events?last_event_id=1-1&last_event_id=2-2`, "last_event_id"],
  ] as const) {
    const answer = await app.inject(url);
    assert.deepEqual([answer.statusCode, answer.json().field], [400, field]);
  }
});
