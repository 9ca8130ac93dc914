import assert from "node:assert/strict";
import { test } from "node:test";
import { isLong, type ViewContext, viewTask } from "../../src/api/task-view.ts";
import type { HoldKind } from "../../src/task/hold.ts";
import { type Attempt, EMPTY_BODY, type Task } from "../../src/task/task.ts";
import { START, WAITING } from "./waiting-task.ts";

const at = (seconds: number): number => START + seconds * 1_000;

const CONTEXT: ViewContext = {
  now: at(500),
  options: {
    longTaskThresholdMs: 300_000,
    controlPrefix: "/_headgate",
    targetOf: (id) => (id === "the-id" ? "http://target:8000" : null),
    holdOf: () => null,
  },
  pace: {
    etaSeconds: (lane, position) => (lane === "slow" ? position * 10 : null),
    remainingSeconds: (lane, elapsedMs) => (lane === "slow" ? elapsedMs / 1_000 + 1 : null),
  },
};

function attempt(
  number: number,
  started: number,
  ended: number | null,
  more: Partial<Attempt> = {},
): Attempt {
  const endedAt = ended === null ? null : at(ended);
  const outcome = ended === null ? null : "answered";
  return {
    number,
    target: null,
    startedAt: at(started),
    endedAt,
    outcome,
    status: null,
    error: null,
    ...more,
  };
}

const PROCESSING: Task = {
  ...WAITING,
  state: "processing",
  reason: "running",
  startedAt: at(100),
  attempts: [attempt(1, 100, null)],
};

const ENDED: Task = {
  ...PROCESSING,
  completedAt: at(112),
  attempts: [attempt(1, 100, 112, { target: "http://t" })],
};

test("a task that waits", () => {
  assert.deepEqual(viewTask({ task: WAITING, position: 4 }, null, CONTEXT), {
    success: true,
    task_id: "the-id",
    status: "pending",
    reason: "queued",
    route: "slow",
    method: "POST",
    path: "/api/function1?a=b",
    created_at: "2026-02-04T03:04:05.678Z",
    started_at: null,
    completed_at: null,
    queue_seconds: 500,
    duration_seconds: null,
    is_long_task: false,
    priority: 3,
    position: 4,
    eta_seconds: 40,
    waiting_for: null,
    progress: null,
    attempts: [],
    result: null,
    error: null,
    result_url: "/_headgate/task/the-id/result",
    client: "somebody",
    labels: { team: "search" },
    retry_of: "the-old-one",
    batch_id: "the-batch",
    response: null,
  });
});

test("how long it will be is not known while something holds it whose end is no matter of pace", () => {
  for (const [kind, expected] of Object.entries({ paused: null, circuit_open: null, rate: 40 } as const)) {
    const context = {
      ...CONTEXT,
      options: { ...CONTEXT.options, holdOf: () => ({ kind: kind as HoldKind, until: null }) },
    };
    const view = viewTask({ task: WAITING, position: 4 }, null, context);
    assert.deepEqual([view.waiting_for?.reason, view.eta_seconds], [kind, expected]);
  }
});

test("a task that is not due stands nowhere in line", () => {
  const view = viewTask({ task: { ...WAITING, reason: "delayed" }, position: null }, null, CONTEXT);
  assert.deepEqual([view.position, view.eta_seconds, view.reason], [null, null, "delayed"]);
});

test("a task that runs", () => {
  const view = viewTask({ task: PROCESSING, position: null }, null, CONTEXT);
  assert.deepEqual(
    [view.status, view.queue_seconds, view.duration_seconds, view.is_long_task, view.eta_seconds],
    ["processing", 100, 400, true, 401],
  );
  assert.deepEqual(view.attempts, [
    {
      number: 1,
      target: "http://target:8000",
      started_at: "2026-02-04T03:05:45.678Z",
      ended_at: null,
      outcome: null,
      status: null,
      error: null,
    },
  ]);
});

test("what a target says of its work tells when it will be done, better than the pace of its route", () => {
  const etaAt = (percent: number | null, said: number): number | null => {
    const progress = { percent, message: "page 2", at: at(said) };
    return viewTask({ task: { ...PROCESSING, progress }, position: null }, null, CONTEXT).eta_seconds;
  };
  // Begun at 100 and looked at 500: a quarter took 300 until 400, so that 800 of 900 are left.
  assert.equal(etaAt(25, 400), 800);
  assert.equal(etaAt(100, 400), 0);
  assert.equal(etaAt(99, 200), 0);
  // Of no share of the work nothing follows.
  assert.deepEqual([etaAt(0, 400), etaAt(null, 400)], [401, 401]);
  const progress = { percent: 25, message: null, at: at(400) };
  assert.deepEqual(viewTask({ task: { ...PROCESSING, progress }, position: null }, null, CONTEXT).progress, {
    percent: 25,
    message: null,
    at: "2026-02-04T03:10:45.678Z",
  });
});

test("a task between two attempts", () => {
  const error = { code: "connection_refused", message: "Refused." };
  const first = attempt(1, 100, 101, { outcome: "never_sent", target: "http://t", error });
  const task: Task = { ...PROCESSING, state: "pending", reason: "retry_backoff", attempts: [first], error };
  const view = viewTask({ task, position: null }, null, CONTEXT);
  assert.deepEqual(
    [view.success, view.queue_seconds, view.duration_seconds, view.error],
    [true, 100, 1, error],
  );
  assert.deepEqual(view.attempts[0], {
    number: 1,
    target: "http://t",
    started_at: "2026-02-04T03:05:45.678Z",
    ended_at: "2026-02-04T03:05:46.678Z",
    outcome: "never_sent",
    status: null,
    error,
  });
});

test("waiting is counted to the first attempt, running from the latest", () => {
  const attempts = [attempt(1, 100, 400), attempt(2, 450, null)];
  const view = viewTask(
    { task: { ...PROCESSING, startedAt: at(450), attempts }, position: null },
    null,
    CONTEXT,
  );
  assert.deepEqual([view.queue_seconds, view.duration_seconds], [100, 50]);
  assert.equal(view.is_long_task, true, "an earlier attempt was long");
});

test("a completed task", () => {
  const task: Task = {
    ...ENDED,
    state: "completed",
    reason: "completed",
    responseStatus: 201,
    responseSizeBytes: 5,
  };
  const headers = ["X-A", "1", "x-a", "2", "__proto__", "harmless", "X-A", "3"];
  const view = viewTask({ task, position: null }, { status: 201, headers, body: EMPTY_BODY }, CONTEXT);
  assert.deepEqual(
    [
      view.success,
      view.status,
      view.completed_at,
      view.duration_seconds,
      view.is_long_task,
      view.eta_seconds,
    ],
    [true, "completed", "2026-02-04T03:05:57.678Z", 12, false, null],
  );
  assert.equal(
    JSON.stringify(view.response),
    '{"status":201,"headers":{"x-a":["1","2","3"],"__proto__":"harmless"},"size_bytes":5}',
  );
});

test("in a list the answer is named, not shown", () => {
  const task: Task = {
    ...ENDED,
    state: "completed",
    reason: "completed",
    responseStatus: 204,
    responseSizeBytes: 0,
  };
  assert.deepEqual(viewTask({ task, position: null }, null, CONTEXT).response, {
    status: 204,
    size_bytes: 0,
  });
});

test("a failed task", () => {
  const error = { code: "http_response_timeout", message: "Too slow." };
  const view = viewTask(
    { task: { ...ENDED, state: "failed", reason: "timeout", error }, position: null },
    null,
    CONTEXT,
  );
  assert.deepEqual([view.success, view.status, view.error, view.response], [false, "failed", error, null]);
});

test("a task cancelled in line, while it ran, and between two attempts", () => {
  const cancelled = { state: "cancelled", reason: "cancelled", completedAt: at(120) } as const;
  const cases: readonly [Task, readonly [number, number | null]][] = [
    [{ ...WAITING, ...cancelled }, [120, null]],
    [{ ...PROCESSING, ...cancelled, attempts: [] }, [100, 20]],
    [{ ...PROCESSING, ...cancelled, attempts: [attempt(1, 100, 103)] }, [100, 3]],
  ];
  for (const [task, expected] of cases) {
    const view = viewTask({ task, position: null }, null, CONTEXT);
    assert.equal(view.success, false);
    assert.deepEqual([view.queue_seconds, view.duration_seconds], expected);
  }
});

test("a task is long from the threshold on", () => {
  assert.equal(isLong(PROCESSING, at(100) + 299_999, 300_000), false);
  assert.equal(isLong(PROCESSING, at(100) + 300_000, 300_000), true);
  assert.equal(isLong(WAITING, at(9_999), 300_000), false, "waiting is not running");
});
