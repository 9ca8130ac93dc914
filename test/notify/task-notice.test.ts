import assert from "node:assert/strict";
import { test } from "node:test";
import { taskNotice } from "../../src/notify/task-notice.ts";
import type { Delivery } from "../../src/store/outbox.ts";
import type { Task } from "../../src/task/task.ts";

const DELIVERY: Delivery = {
  id: "msg_1",
  endpoint: "ops",
  url: "http://receiver.example/",
  type: "task.failed",
  payload: null,
  taskId: "t1",
  client: "c",
  taskState: "failed",
  state: "pending",
  createdAt: 0,
  nextAt: 0,
  endedAt: null,
  tries: 0,
  log: [],
};

const TASK: Task = {
  id: "t1",
  lane: "api",
  state: "failed",
  reason: "timeout",
  method: "POST",
  path: "/work?token=secret",
  priority: 0,
  client: "c",
  labels: {},
  createdAt: 0,
  notBefore: null,
  startBefore: null,
  startedAt: 0,
  completedAt: 0,
  timeoutMs: 1_000,
  maxAttempts: 1,
  idempotent: false,
  attempts: [],
  error: null,
  requestSizeBytes: 0,
  responseStatus: 504,
  responseSizeBytes: 0,
  retryOf: null,
  batch: null,
  callbacks: [],
  progress: null,
};

test("people are told in the language of the server, programs as ever", () => {
  const english = taskNotice(DELIVERY, TASK, { controlPrefix: "", language: "en" });
  const chinese = taskNotice(DELIVERY, TASK, { controlPrefix: "", language: "zh" });
  assert.deepEqual(
    [english.title, english.facts],
    [
      "Task failed",
      [
        ["Request", "POST /work"],
        ["Route", "api"],
        ["Task", "t1"],
        ["Why", "HTTP 504"],
      ],
    ],
  );
  assert.deepEqual(
    [chinese.title, chinese.facts.map(([name]) => name)],
    ["任务失败", ["请求", "路由", "任务", "原因"]],
  );
  assert.deepEqual(chinese.data, english.data);
});

test("of a task that has been deleted there is its id", () => {
  const { title, facts } = taskNotice(DELIVERY, null, { controlPrefix: "", language: "zh" });
  assert.deepEqual([title, facts], ["任务失败", [["任务", "t1"]]]);
});
