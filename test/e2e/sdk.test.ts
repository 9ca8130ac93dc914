// The TypeScript SDK against the real program.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Headgate } from "../../client/client.ts";
import { EnhancedProxyClient } from "../../client/enhanced-proxy-client.ts";
import { HeadgateError, NotFoundError, QueueFullError } from "../../client/errors.ts";
import { headgateFetch } from "../../client/headgate-fetch.ts";
import { TaskFailedError } from "../../client/task.ts";
import { WaitTimeoutError } from "../../client/wait.ts";
import { hang, status } from "../rig/behaviour.ts";
import { startFlow } from "../rig/flow.ts";
import { freePort } from "../rig/service.ts";
import { headerOf } from "../rig/target.ts";

test("submits, waits, and has the service's own answer", async (t) => {
  const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}\nmax_attempts: 1`);
  const headgate = new Headgate(url);
  const seen: string[] = [];
  const view = await headgate.run("/api/x?a=b", {
    json: { n: 1 },
    labels: { k: "v" },
    priority: 7,
    onChange: (task) => seen.push(task.status),
  });
  assert.deepEqual([view.status, view.priority, view.labels], ["completed", 7, { k: "v" }]);
  assert.equal(seen.at(-1), "completed");
  const sent = targets[0]!.seen[0]!;
  assert.deepEqual([sent.method, sent.path], ["POST", "/api/x?a=b"]);
  assert.ok(sent.headers.includes("application/json"));
  const answer = await headgate.task(view.task_id).result();
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"path":"\/api\/x\?a=b"/);
});

test("a receipt is a receipt where a route waits, and a result is none before its time", async (t) => {
  const { url, targets } = await startFlow(
    t,
    1,
    (target) => `routes: [{match: /**, target: "${target}", name: all, wait: 20s}]`,
  );
  targets[0]!.next(hang);
  const task = await new Headgate(url).submit("/quick");
  assert.match(task.id, /^[0-9a-f-]{36}$/);
  await targets[0]!.received(1);
  await assert.rejects(task.result(), { code: "not_ready" });
  await task.cancel();
  await assert.rejects(task.result(), HeadgateError);
});

test("errors say what they are", async (t) => {
  const { url } = await startFlow(t, 1, (target) => `target: ${target}\nmax_attempts: 1\nmax_queue_size: 1`);
  const headgate = new Headgate(url);
  await assert.rejects(headgate.run("/status/500", { json: {} }), (error: unknown) => {
    assert.ok(error instanceof TaskFailedError);
    assert.equal(error.task.response?.status, 500);
    return true;
  });
  await assert.rejects(headgate.task("01a20788-bde7-706e-bbf8-7e9edf447801").status(), NotFoundError);
  await assert.rejects(headgate.submit("/x", { headers: { "Headgate-Priority": "99" } }), {
    name: "HeadgateError",
    code: "invalid_request",
    field: "Headgate-Priority",
  });
  await headgate.pause("default");
  await headgate.submit("/x");
  await assert.rejects(headgate.submit("/x", { idempotencyKey: null }), (error: unknown) => {
    assert.ok(error instanceof QueueFullError && error instanceof HeadgateError);
    assert.ok((error.retryAfterSeconds ?? 0) > 0);
    return true;
  });
});

test("waiting ends when its time is over, and outlives a restart of the server", async (t) => {
  const port = String(await freePort());
  const { url, gateway, targets } = await startFlow(t, 1, (target) => `target: ${target}`, [
    "--listen-port",
    port,
  ]);
  targets[0]!.next(hang);
  const headgate = new Headgate(url);
  const task = await headgate.submit("/put", { method: "PUT", json: {} });
  await targets[0]!.received(1);
  await assert.rejects(task.wait({ timeoutMs: 2_000 }), (error: unknown) => {
    assert.ok(error instanceof WaitTimeoutError);
    assert.equal(error.task?.status, "processing");
    return true;
  });
  const ended = task.wait({ pollIntervalMs: 50 });
  gateway.kill("SIGKILL");
  await gateway.exited;
  await gateway.restart();
  assert.equal((await ended).status, "completed");
});

test("progress is told while a task runs, as its target says it", async (t) => {
  const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}`);
  const target = targets[0]!;
  const task = await new Headgate(url).submit("/slow");
  const told: (readonly [number | null, string | null])[] = [];
  const reported = Promise.withResolvers<void>();
  const ended = task.wait({
    onProgress({ percent, message }) {
      told.push([percent, message]);
      reported.resolve();
    },
  });
  const request = await target.received(1);
  const report = await fetch(String(headerOf(request, "headgate-progress-url")), {
    method: "PUT",
    headers: {
      "Content-Type": "application/json",
      "Headgate-Progress-Token": String(headerOf(request, "headgate-progress-token")),
    },
    body: '{"percent": 40, "message": "four of ten"}',
  });
  assert.ok(report.ok);
  await reported.promise;
  target.release();
  assert.equal((await ended).status, "completed");
  assert.deepEqual(told, [[40, "four of ten"]]);
});

test("aborting cancels the task, or leaves it", async (t) => {
  const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}`);
  targets[0]!.next(hang, hang);
  const headgate = new Headgate(url);
  const tasks = [await headgate.submit("/a"), await headgate.submit("/b")] as const;
  await targets[0]!.received(2);
  const abort = new AbortController();
  const waits = [
    tasks[0].wait({ signal: abort.signal }),
    tasks[1].wait({ signal: abort.signal, onAbort: "leave" }),
  ];
  abort.abort(new Error("enough"));
  for (const end of await Promise.allSettled(waits))
    assert.match(String((end as PromiseRejectedResult).reason), /enough/);
  assert.equal((await tasks[0].wait()).status, "cancelled");
  assert.equal((await tasks[1].status()).status, "processing");
});

test("lists page by page as they are asked for", async (t) => {
  const { url } = await startFlow(t, 1, (target) => `target: ${target}\nmax_queue_size: 1000`);
  const headgate = new Headgate(url);
  await headgate.pause("default");
  for (let i = 0; i < 205; i++) await headgate.submit(`/n/${i}`);
  const paths: string[] = [];
  for await (const { path } of headgate.list({ path: "/n/" })) paths.push(path);
  assert.equal(new Set(paths).size, 205);
  assert.equal(paths[0], "/n/204");
  const some: string[] = [];
  for await (const { path } of headgate.list({ limit: 3 })) some.push(path);
  assert.equal(some.length, 3);
});

describe("headgateFetch", () => {
  test("is fetch, only later", async (t) => {
    const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}\nmax_attempts: 1`);
    const queued = headgateFetch(url, { holdSeconds: 0.2 });
    targets[0]!.next(status(201, ["X-Own", "1"]));
    const quick = await queued("/quick", { method: "POST", body: "x" });
    assert.deepEqual([quick.status, quick.headers.get("x-own")], [201, "1"]);
    const slow = queued(new URL("/slow", url));
    await targets[0]!.received(2);
    setTimeout(() => targets[0]!.release(), 600);
    assert.equal((await slow).status, 200);
    assert.equal((await queued("/status/404")).status, 404);
    await assert.rejects(headgateFetch("http://127.0.0.1:9")("/x"), TypeError);
  });

  test("a redirect of a request with a key of its own is taken, and brings the service that key", async (t) => {
    const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}`);
    targets[0]!.next(status(308, ["Location", "/moved"]));
    const headers = { "Idempotency-Key": "payment-4711" };
    const answer = await headgateFetch(url)("/pay", { method: "POST", body: "x", headers });
    assert.equal(answer.status, 200);
    assert.deepEqual(
      targets[0]!.seen.map((seen) => [seen.method, seen.path, headerOf(seen, "idempotency-key")]),
      [
        ["POST", "/pay", "payment-4711"],
        ["POST", "/moved", "payment-4711"],
      ],
    );
  });

  test("aborting it cancels the task", async (t) => {
    const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}`);
    targets[0]!.next(hang, hang);
    // Before there is a receipt, and after.
    for (const [index, holdSeconds] of [30, 0].entries()) {
      const abort = new AbortController();
      const answer = headgateFetch(url, { holdSeconds })("/x", { signal: abort.signal });
      await targets[0]!.received(index + 1);
      abort.abort();
      await assert.rejects(answer, { name: "AbortError" });
      await targets[0]!.closed(index + 1);
    }
  });
});

test("the founding document's client works by its own names", async (t) => {
  const { url } = await startFlow(t, 1, (target) => `target: ${target}`);
  const client = new EnhancedProxyClient(url.origin);
  const id = await client.submit_task("api/function1", { param1: "value1" });
  const result = await client.wait_for_task(id, { poll_interval: 1, timeout: 30 });
  assert.equal(result.success, true);
  assert.equal((await client.get_task_status(id)).task_id, id);
  assert.equal((await client.get_stats()).totals.completed, 1);
  assert.deepEqual(
    (await client.list_tasks("completed", 5)).tasks.map(({ task_id }) => task_id),
    [id],
  );
  assert.deepEqual(await client.cleanup_tasks(24), { success: true, deleted: 0 });
  await client.delete_task(
    await client.retry_task(id).then(async (again) => (await client.wait_for_task(again)).task_id),
  );
});
