// Every fault of a target, from the client's side: how the task ends, why, after how many attempts, and how often the
// target was asked. All at once, as in life: none disturbs another.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { rawThen, status } from "../rig/behaviour.ts";
import { eventually, look, outcome, run, submit, type TaskView } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { freePort } from "../rig/service.ts";
import { headerOf, startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const ATTEMPTS = 2;
// What fails here, or asks to be left alone, is not to keep the next from being tried.
const gateway = await startGateway(owner, {
  file: `
targets: { faulty: { urls: [${target.url.origin}], circuit: { failures: 0 }, retry_budget: 100% } }
routes:
  - { match: /**, target: faulty, name: default }
  - { match: /ok/later, target: faulty, name: later }
  - { match: /ok/after, target: faulty, name: after }
  - { match: [/hang, /trickle, /trickle-head, /informational-trickle], target: faulty, name: late, timeout: 5s }
`,
  args: [
    "--max-concurrent",
    "100",
    "--num-workers",
    "100",
    "--max-attempts",
    String(ATTEMPTS),
    "--max-response",
    "1MiB",
  ],
});
const { url } = gateway;

interface Expected {
  readonly reason: string;
  /** Of the last attempt. */
  readonly code: string | null;
  readonly attempts: number;
}

const completed: Expected = { reason: "completed", code: null, attempts: 1 };
const answered: Expected = { reason: "target_error", code: "target_error", attempts: 1 };
const repeated = (expected: Expected): Expected => ({ ...expected, attempts: ATTEMPTS });
const unknown = (code: string): Expected => ({ reason: "outcome_unknown", code, attempts: 1 });
const timeout: Expected = { reason: "timeout", code: "http_response_timeout", attempts: 1 };

/** What a POST meets; a GET meets the same, after `ATTEMPTS` attempts where a POST's outcome is unknown. */
const FAULTS: Readonly<Record<string, { readonly post: Expected; readonly get: Expected }>> = {
  ...both(["/ok", "/status/201", "/status/204", "/status/302", "/status/399"], completed),
  ...both(
    [
      "/short-length",
      "/no-content-with-body",
      "/no-content-with-bytes",
      "/extra-bytes",
      "/extra-garbage",
      "/close-after",
    ],
    completed,
  ),
  ...both(["/status/400", "/status/404", "/status/418", "/status/500", "/status/599"], answered),
  ...both(["/status/429", "/status/503"], repeated(answered)),
  ...ambiguous(["/status/502", "/status/504"], answered),
  ...ambiguous(["/reset-unanswered", "/close-unanswered"], unknown("connection_terminated")),
  ...ambiguous(
    ["/reset-mid-body", "/reset-mid-stream", "/long-length", "/cut-chunk"],
    unknown("http_response_incomplete"),
  ),
  ...ambiguous(["/bad-chunk"], unknown("http_response_transfer_coding")),
  ...ambiguous(["/huge-headers"], unknown("http_response_header_section_size")),
  ...ambiguous(
    ["/invalid-http", "/status-line/000", "/status-line/999", "/switch-protocols", "/informational"],
    unknown("http_protocol_error"),
  ),
  ...ambiguous(["/hang", "/trickle", "/trickle-head", "/informational-trickle"], timeout),
  ...both(["/endless", "/stream/2000000"], {
    reason: "response_too_large",
    code: "http_response_body_size",
    attempts: 1,
  }),
};

function both(paths: readonly string[], expected: Expected): typeof FAULTS {
  return Object.fromEntries(paths.map((path) => [path, { post: expected, get: expected }]));
}

function ambiguous(paths: readonly string[], expected: Expected): typeof FAULTS {
  return Object.fromEntries(paths.map((path) => [path, { post: expected, get: repeated(expected) }]));
}

function timesSeen({ task_id: id }: TaskView): number {
  return target.seen.filter((request) => headerOf(request, "headgate-task-id") === id).length;
}

describe("a target", { concurrency: true }, () => {
  for (const [path, { post, get }] of Object.entries(FAULTS)) {
    for (const [method, expected] of [
      ["POST", post],
      ["GET", get],
    ] as const) {
      test(`${method} ${path}: ${expected.reason}, attempts: ${expected.attempts}`, async () => {
        const task = await run(url, { method, path, ...(method === "POST" && { body: "payload" }) });
        const { status, reason, error, attempts } = task;
        assert.deepEqual({ reason, code: error?.code ?? null, attempts: attempts.length }, expected);
        assert.equal(status, expected.reason === "completed" ? "completed" : "failed");
        assert.deepEqual(
          attempts.map(({ number }) => number),
          Array.from({ length: expected.attempts }, (_, i) => i + 1),
        );
        assert.ok(attempts.every(({ ended_at, outcome }) => ended_at !== null && outcome !== null));
        assert.equal(timesSeen(task), expected.attempts);
        assert.equal(task.response !== null, ["completed", "target_error"].includes(reason));
      });
    }
  }
});

test("Retry-After is kept to", async () => {
  target.next(status(503, ["Retry-After", "1"]));
  const task = await run(url, { path: "/ok/after" });
  assert.equal(task.status, "completed");
  const [first, second] = task.attempts;
  assert.ok(
    Date.parse(second!.started_at) - Date.parse(first!.ended_at!) >= 990,
    JSON.stringify(task.attempts),
  );
});

test("while it waits for another try it is pending, and says why", async () => {
  target.next(status(429, ["Retry-After", "600"]));
  const before = target.seen.length;
  const id = await submit(url, { path: "/ok/later" });
  await target.received(before + 1);
  const task = await eventually(
    () => look(url, id),
    ({ reason }) => reason === "retry_backoff",
  );
  assert.deepEqual([task.status, task.attempts.length, task.position], ["pending", 1, null]);
});

test("a POST with an Idempotency-Key may be repeated", async () => {
  target.next(rawThen("reset"));
  const task = await run(url, { path: "/ok/keyed", headers: ["Idempotency-Key", "a"], body: "x" });
  assert.deepEqual([task.status, task.attempts.length], ["completed", 2]);
});

test("Headgate-Max-Attempts: 1 is never repeated", async () => {
  const task = await run(url, {
    method: "GET",
    path: "/status/503",
    headers: ["Headgate-Max-Attempts", "1"],
  });
  assert.deepEqual([task.status, task.attempts.length], ["failed", 1]);
});

test("Headgate-Timeout ends an attempt earlier", async () => {
  const task = await run(url, { method: "POST", path: "/hang", headers: ["Headgate-Timeout", "300ms"] });
  const [attempt] = task.attempts;
  assert.equal(task.reason, "timeout");
  assert.ok(Date.parse(attempt!.ended_at!) - Date.parse(attempt!.started_at) < 2_500);
});

test("a refused connection: repeated for POST too, since nothing was sent, until the target is there", async (t) => {
  const port = await freePort();
  const { url } = await startGateway(t, {
    target: `http://127.0.0.1:${port}`,
    args: ["--max-attempts", "20"],
  });
  const id = await submit(url, { path: "/ok", body: "once" });
  const waiting = await eventually(
    () => look(url, id),
    ({ status, attempts }) => status === "pending" && attempts.length > 0,
  );
  assert.equal(waiting.attempts[0]?.outcome, "never_sent");

  const late = await startTarget({ port });
  t.after(() => late.close());
  const task = await outcome(url, id);
  assert.equal(task.status, "completed");
  assert.ok(task.attempts.length > 1);
  assert.equal(late.seen.length, 1);
});

test("nobody ever there: connect_failed after all attempts", async (t) => {
  const port = await freePort();
  const { url } = await startGateway(t, {
    target: `http://127.0.0.1:${port}`,
    args: ["--max-attempts", "2"],
  });
  const task = await run(url, { path: "/ok", body: "x" });
  assert.deepEqual(
    [task.status, task.reason, task.error?.code, task.attempts.length],
    ["failed", "connect_failed", "connection_refused", 2],
  );
});
