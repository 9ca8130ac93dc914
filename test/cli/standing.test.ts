import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TaskView } from "../../client/views.ts";
import { taskText } from "../../src/cli/commands/status.ts";
import { createEventWords } from "../../src/cli/event-words.ts";
import { exitCodeOf, standing } from "../../src/cli/outcome.ts";
import { lineFor } from "../../src/cli/progress-line.ts";
import { divide, drawTop } from "../../src/cli/top-screen.ts";
import { displayWidth } from "../../src/cli/width.ts";
import { taskWith } from "./task.ts";

// Also where the tests run on a terminal.
process.env["NO_COLOR"] = "1";

const progress = { percent: 50, message: "page \u001B[1m3" } as unknown as TaskView["progress"];

describe("where a task stands", () => {
  const cases: readonly (readonly [Partial<TaskView>, string])[] = [
    [{ position: 4, eta_seconds: 12 }, "waiting, 4 in line, about 12s left"],
    [{ position: 1 }, "waiting, next in line"],
    [{ waiting_for: { reason: "paused", until: null } }, "waiting, held by paused"],
    [{ reason: "retry_backoff" }, "waiting, to be tried again"],
    [
      { status: "processing", progress, eta_seconds: 4 },
      String.raw`running, 50%, page \x1b[1m3, about 4s left`,
    ],
    [{ status: "processing" }, "running"],
    [
      { status: "completed", response: { status: 201, size_bytes: 1 }, duration_seconds: 1.25 },
      "completed, answer 201, after 1.3s",
    ],
    [
      { status: "failed", reason: "timeout", error: { code: "x", message: "Too slow." } },
      "failed (timeout), Too slow.",
    ],
    [{ status: "cancelled", reason: "cancelled" }, "cancelled"],
  ];
  for (const [changes, words] of cases) {
    test(words, () => assert.equal(standing(taskWith(changes)), words));
  }
});

test("the exit code is how it ended", () => {
  const codes = (["completed", "failed", "cancelled", "pending", "processing"] as const).map((status) =>
    exitCodeOf({ status }),
  );
  assert.deepEqual(codes, [0, 1, 5, 6, 6]);
});

test("a bar shows the percent that the target told", () => {
  const line = lineFor(taskWith({ status: "processing", progress }), "12s");
  assert.equal(line, String.raw`[############------------] running, 50%, page \x1b[1m3  12s`);
  assert.equal(lineFor(taskWith({ position: 2 }), "1s"), "waiting, 2 in line  1s");
});

test("status names request, answer and attempts, and nothing that commands the terminal", () => {
  const text = taskText(
    taskWith({
      status: "failed",
      reason: "target_error",
      path: "/a\u001B[2J",
      labels: { k: "v" },
      response: { status: 500, size_bytes: 3 },
      attempts: [
        {
          number: 1,
          target: "http://t",
          started_at: "2026-02-04T03:04:05.000Z",
          ended_at: "2026-02-04T03:04:07.000Z",
          outcome: "answered",
          status: 500,
          error: { code: "target_error", message: "It said 500." },
        },
      ],
    }),
  );
  assert.match(text, /^status +failed \(target_error\), answer 500\n/);
  assert.match(text, /\nrequest +POST \/a\\x1b\[2J\n/);
  assert.match(text, /\nlabels +k=v\n/);
  assert.match(text, /\n1 +http:\/\/t +2s +It said 500\.$/);
  assert.ok(!text.includes("\u001B"));
});

describe("events", () => {
  const at = "2026-02-04T03:04:05.678Z";
  const event = (type: string, data: object): { id: string; type: string; data: string } => ({
    id: "1",
    type,
    data: JSON.stringify(data),
  });

  test("name the request of a task, which only its first one tells", () => {
    const words = createEventWords();
    const task = { task_id: "t1", route: "r", at };
    const lines = [
      event("state", { ...task, status: "pending", reason: "queued", method: "POST", path: "/a\u0007" }),
      event("state", { ...task, status: "processing", reason: "running" }),
      event("progress", { ...task, percent: 62, message: "half" }),
      event("final", { ...task, status: "failed", reason: "timeout", error: { message: "Too slow." } }),
      event("final", { ...task, status: "failed", reason: "timeout", error: null }),
    ].map(words);
    assert.deepEqual(lines, [
      String.raw`03:04:05  pending     t1  r  POST /a\x07`,
      String.raw`03:04:05  processing  t1  r  POST /a\x07`,
      String.raw`03:04:05  progress    t1  r  62% half  POST /a\x07`,
      String.raw`03:04:05  failed      t1  r  POST /a\x07 timeout (Too slow.)`,
      // It has ended: what it was is forgotten.
      "03:04:05  failed      t1  r   timeout",
    ]);
  });

  test("others are shown as they are, escaped", () => {
    const words = createEventWords();
    assert.equal(
      words(event("lane", { route: "r", paused: true }))?.trim(),
      'lane        {"route":"r","paused":true}',
    );
    assert.match(words(event("reset", {})) ?? "", /not known any more/);
  });
});

test("two lists share a screen: what one does not need the other gets", () => {
  assert.deepEqual(divide(10, 2, 20), [2, 8]);
  assert.deepEqual(divide(10, 20, 3), [7, 3]);
  assert.deepEqual(divide(11, 20, 20), [5, 6]);
  assert.deepEqual(divide(0, 5, 5), [0, 0]);
});

test("top fits on every terminal", () => {
  const lane = {
    name: "a-lane-with-a-name-that-is-far-too-long-for-a-terminal",
    queue: { size: 5, capacity: null },
    in_flight: 1,
    limit: 2,
    paused: true,
    waiting_for: null,
    target_seconds: { p50: 1, p95: 2, p99: 3 },
  };
  const count = { pending: 1, processing: 2, completed: 3, failed: 4, cancelled: 5 };
  const view = {
    url: "http://localhost:8080",
    stats: {
      tasks: count,
      queue: { size: 5, capacity: 10 },
      in_flight: 1,
      limit: 2,
      throughput: { accepted_per_second: 1, started_per_second: 1, ended_per_second: 1, window_seconds: 60 },
      success_rate: 0.5,
      queue_wait_seconds: null,
      target_seconds: null,
      uptime_seconds: 60,
      lanes: Array.from({ length: 20 }, () => lane),
    },
    running: Array.from({ length: 50 }, () =>
      taskWith({ status: "processing", progress, path: `/任务/${"x".repeat(300)}` }),
    ),
    waiting: Array.from({ length: 50 }, () => taskWith({ path: "/\u001B[2J" })),
    now: Date.parse("2026-02-04T03:04:06Z"),
  } as unknown as Parameters<typeof drawTop>[0];
  for (const [columns, rows] of [
    [80, 24],
    [40, 12],
    [200, 60],
    [20, 4],
  ] as const) {
    const lines = drawTop(view, { columns, rows });
    assert.ok(lines.length <= rows, `${lines.length} lines on ${rows}`);
    for (const line of lines) {
      assert.ok(displayWidth(line) <= columns, `${displayWidth(line)} on ${columns}: ${line}`);
      assert.ok(!line.includes("\u001B"), line);
    }
  }
  const text = drawTop(view, { columns: 80, rows: 24 }).join("\n");
  assert.match(text, /running +for +request/);
  assert.match(text, /waiting +for +request/);
  assert.match(text, /paused/);
  assert.match(text, /queue +\[#{10}-{10}\] 5 of 10/);
});
