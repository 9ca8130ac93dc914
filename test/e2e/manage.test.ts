// What can be done with a task besides cancelling it: repeat, delete, move, wait, ask only for news.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { status } from "../rig/behaviour.ts";
import {
  type Answer,
  call,
  eventually,
  look,
  outcome,
  type ProblemView,
  run,
  submit,
  type TaskView,
} from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { headerOf, startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const gateway = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "1"] });
const { url } = gateway;
const UNKNOWN = "01900000-0000-7000-8000-000000000000";

/** Holds the only slot until the answer is called. */
async function occupy(): Promise<() => Promise<unknown>> {
  const id = await submit(url, { path: "/hang" });
  await target.arrivalOf(id);
  return () => call(url, { method: "POST", path: `/task/${id}/cancel` });
}

function json(method: string, path: string, body: unknown): Promise<Answer> {
  return call(url, {
    method,
    path,
    headers: ["Content-Type", "application/json"],
    body: JSON.stringify(body),
  });
}

test("retry: a new task from the same request, that names the old one, which stays as it was", async () => {
  for (const body of ["small", Buffer.alloc(300_000, "large")]) {
    target.next(status(500));
    const failed = await run(url, {
      path: "/echo/again?x=1",
      headers: ["X-Kept", "yes", "Token", "t"],
      body,
    });
    assert.equal(failed.status, "failed");
    const answer = await call(url, { method: "POST", path: `/task/${failed.task_id}/retry` });
    assert.equal(answer.status, 202, answer.text);
    const again = await outcome(url, answer.json().task_id);
    assert.notEqual(again.task_id, failed.task_id);
    assert.deepEqual([again.status, again.retry_of], ["completed", failed.task_id]);
    assert.deepEqual(await look(url, failed.task_id), failed);

    const [first, second] = target.seen.slice(-2);
    assert.deepEqual([second!.method, second!.path], [first!.method, first!.path]);
    assert.equal(headerOf(second!, "x-kept"), "yes");
    assert.equal((again.result as { sizeBytes: number }).sizeBytes, body.length);
    // The old one's body is its own.
    assert.equal((await call(url, { method: "DELETE", path: `/task/${failed.task_id}` })).status, 200);
    assert.equal((await outcome(url, again.task_id)).status, "completed");
  }
  assert.equal((await call(url, { method: "POST", path: `/task/${UNKNOWN}/retry` })).status, 404);
});

test("delete: only what is over, and then it is unknown", async () => {
  const release = await occupy();
  const waiting = await submit(url, { path: "/ok" });
  const refused = await call(url, { method: "DELETE", path: `/task/${waiting}` });
  assert.deepEqual([refused.status, refused.json<ProblemView>().code], [409, "conflict"]);
  await release();
  await outcome(url, waiting);

  assert.equal((await call(url, { method: "DELETE", path: `/task/${waiting}` })).status, 200);
  for (const path of [`/task/${waiting}`, `/task/${waiting}/result`]) {
    const answer = await call(url, { path });
    assert.deepEqual([answer.status, answer.json<ProblemView>().code], [404, "not_found"]);
  }
  assert.equal((await call(url, { method: "DELETE", path: `/task/${waiting}` })).status, 404);
});

test("priority: a waiting task can be moved, others cannot", async () => {
  const release = await occupy();
  const first = await submit(url, { path: "/ok?n=first" });
  const second = await submit(url, { path: "/ok?n=second" });
  const moved = await json("PATCH", `/task/${second}`, { priority: 9 });
  assert.equal(moved.status, 200, moved.text);
  assert.deepEqual([(await look(url, second)).position, (await look(url, first)).position], [1, 2]);
  await release();
  await outcome(url, first);
  assert.deepEqual(
    target.seen.slice(-2).map(({ path }) => path),
    ["/ok?n=second", "/ok?n=first"],
  );

  assert.equal((await json("PATCH", `/task/${first}`, { priority: 1 })).status, 409);
  assert.equal((await json("PATCH", `/task/${UNKNOWN}`, { priority: 1 })).status, 404);
  for (const [changes, field] of [
    [{ priority: 10 }, "priority"],
    [{ priority: "high" }, "priority"],
    [{ prioritty: 1 }, "prioritty"],
  ] as const) {
    const wrong = await json("PATCH", `/task/${first}`, changes);
    assert.deepEqual([wrong.status, wrong.json<ProblemView>().field], [400, field]);
  }
});

test("wait: the answer comes when the task is over, or when the time is", async () => {
  const release = await occupy();
  const id = await submit(url, { path: "/ok" });
  const early = await call(url, { path: `/task/${id}?wait=0.05` });
  assert.equal(early.json().status, "pending");
  const waiting = call(url, { path: `/task/${id}?wait=30` });
  await release();
  const task = (await waiting).json();
  assert.equal(task.status, "completed");
  assert.deepEqual((await call(url, { path: `/task/${id}?wait=30` })).json(), task);
});

test("result: not yet, then the bytes", async () => {
  const release = await occupy();
  const id = await submit(url, { path: "/ok" });
  const early = await call(url, { path: `/task/${id}/result` });
  assert.equal(early.status, 202);
  assert.ok(Number(early.headers["retry-after"]) >= 1);
  await release();
  await outcome(url, id);
  assert.equal((await call(url, { path: `/task/${id}/result` })).status, 200);
});

test("ETag: the same while nothing changes, another when something does", async () => {
  const release = await occupy();
  const id = await submit(url, { path: "/ok" });
  const ask = (tag: string): Promise<Answer> =>
    call(url, { path: `/task/${id}`, headers: ["If-None-Match", tag] });
  const pending = await ask('"none"');
  const tag = String(pending.headers["etag"]);
  const unchanged = await ask(tag);
  assert.deepEqual([unchanged.status, unchanged.body.length], [304, 0]);
  await release();
  await outcome(url, id);
  const changed = await ask(tag);
  assert.deepEqual([changed.status, changed.json().status], [200, "completed"]);
  assert.equal((await ask(String(changed.headers["etag"]))).status, 304);
});

test("a long task says so while it runs and afterwards", async (t) => {
  const { url } = await startGateway(t, { target: target.url, args: ["--long-task-threshold", "3s"] });
  const id = await submit(url, { path: "/hang" });
  await target.arrivalOf(id);
  assert.equal((await look(url, id)).is_long_task, false);
  const long = await eventually(
    () => look(url, id),
    (task) => task.is_long_task,
  );
  assert.ok(Date.now() - Date.parse(long.started_at!) >= 3_000);
  await call(url, { method: "POST", path: `/task/${id}/cancel` });
  assert.equal((await look(url, id)).is_long_task, true);
  assert.equal((await run(url, { path: "/ok" })).is_long_task, false);
});

test("lists: by state, method, path, label, time; pages without gaps or repeats", async (t) => {
  const { url } = await startGateway(t, { target: target.url });
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) {
    const label = ["Headgate-Label", `turn=${i % 2 === 0 ? "even" : "odd"}`];
    ids.push((await run(url, { method: i < 4 ? "POST" : "PUT", path: `/ok/${i}`, headers: label })).task_id);
  }
  const list = async (query: string): Promise<readonly string[]> => {
    const answer = await call(url, { path: `/tasks?${query}` });
    assert.equal(answer.status, 200, answer.text);
    return answer.json<{ tasks: readonly TaskView[] }>().tasks.map(({ task_id }) => task_id);
  };
  const newest = ids.toReversed();
  assert.deepEqual(await list(""), newest);
  assert.deepEqual(await list("method=PUT"), newest.slice(0, 3));
  assert.deepEqual(await list("path=/ok/3"), [ids[3]]);
  assert.deepEqual(await list("label=turn%3Dodd"), [ids[5], ids[3], ids[1]]);
  assert.deepEqual(await list("status=pending"), []);
  assert.deepEqual(await list(`since=${(await look(url, ids[4]!)).created_at}`), newest.slice(0, 3));

  const pages: string[] = [];
  for (let cursor: string | null = null; ;) {
    const answer = await call(url, { path: `/tasks?limit=2${cursor === null ? "" : `&cursor=${cursor}`}` });
    const page: { tasks: readonly TaskView[]; next_cursor: string | null } = answer.json();
    pages.push(...page.tasks.map(({ task_id }) => task_id));
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  assert.deepEqual(pages, newest);
});
