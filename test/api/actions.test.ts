import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadgateError } from "../../src/lib/error.ts";
import { openControl, UNKNOWN_ID } from "./control.ts";

const CHINESE = { "accept-language": "zh-CN,zh;q=0.9,en;q=0.8" };

test("cancel says yes once", async (t) => {
  const { app, submit, store } = await openControl(t);
  const id = await submit();
  const cancel = () => app.inject({ method: "POST", url: `/task/${id}/cancel`, headers: CHINESE });
  const yes = await cancel();
  assert.equal(yes.statusCode, 200);
  assert.deepEqual(yes.json(), { success: true, task_id: id, status: "cancelled", message: "任务已取消" });
  assert.equal((await store.find(id))?.task.state, "cancelled");
  const no = await cancel();
  assert.equal(no.statusCode, 409);
  assert.match(no.json<{ message: string }>().message, /cancelled already/);
});

test("cancel says what the task had become", async (t) => {
  const { app, answered } = await openControl(t);
  const answer = await app.inject({ method: "POST", url: `/task/${await answered({})}/cancel` });
  assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [409, "conflict"]);
  assert.equal(answer.json<{ task_status: string }>().task_status, "completed");
});

test("a body that comes along is passed over", async (t) => {
  const { app, submit } = await openControl(t);
  for (const [payload, type] of [
    ["", "application/json"],
    ["{}", "application/json"],
    ["a=b", "application/x-www-form-urlencoded"],
    ["\0", "what/ever"],
  ] as const) {
    const url = `/task/${await submit()}/cancel`;
    const answer = await app.inject({ method: "POST", url, payload, headers: { "content-type": type } });
    assert.equal(answer.statusCode, 200, type);
  }
  const url = `/task/${await submit()}/cancel`;
  const large = await app.inject({
    method: "POST",
    url,
    payload: "x".repeat(99_999),
    headers: { "content-type": "a/b" },
  });
  assert.equal(large.statusCode, 413);
});

test("retry gives a receipt like any other, which names the old task", async (t) => {
  const { app, failed } = await openControl(t, {
    resubmit: async () => ({ id: UNKNOWN_ID, accepted: { position: 3, pending: 3 } }),
  });
  const id = await failed("dns_error", "connect_failed");
  const answer = await app.inject({
    method: "POST",
    url: `/task/${id}/retry`,
    headers: { host: "gate:8080" },
  });
  assert.equal(answer.statusCode, 202);
  const url = `/task/${UNKNOWN_ID}`;
  assert.deepEqual(answer.json(), {
    success: true,
    task_id: UNKNOWN_ID,
    status: "pending",
    message: "Task created",
    retry_of: id,
    data: {
      task_id: UNKNOWN_ID,
      status_url: url,
      result_url: `${url}/result`,
      events_url: `${url}/events`,
      cancel_url: `${url}/cancel`,
      position: 3,
      eta_seconds: 6,
    },
  });
  const {
    location,
    "operation-location": absolute,
    "retry-after": wait,
    "headgate-task-id": named,
  } = answer.headers;
  assert.deepEqual([location, absolute, wait, named], [url, `http://gate:8080${url}`, "6", UNKNOWN_ID]);
});

test("what keeps a retry out is told", async (t) => {
  const full = new HeadgateError("queue_full", "The queue is full.", { retryAfterSeconds: 9 });
  const { app, failed } = await openControl(t, { resubmit: () => Promise.reject(full) });
  const url = `/task/${await failed("dns_error", "connect_failed")}/retry`;
  const answer = await app.inject({ method: "POST", url });
  assert.deepEqual([answer.statusCode, answer.headers["retry-after"]], [503, "9"]);
  assert.equal((await app.inject({ method: "POST", url: `/task/${UNKNOWN_ID}/retry` })).statusCode, 404);
});

test("delete removes what has ended, and nothing else", async (t) => {
  const { app, submit, answered, store, events } = await openControl(t);
  const done = await answered({ body: "x" });
  const waiting = await submit();
  const remove = async (id: string) => {
    const { statusCode, json } = await app.inject({ method: "DELETE", url: `/task/${id}` });
    return [statusCode, json<{ task_status?: string }>().task_status];
  };
  assert.deepEqual(await remove(waiting), [409, "pending"]);
  assert.deepEqual(
    [await remove(done), await remove(done)],
    [
      [200, undefined],
      [404, undefined],
    ],
  );
  assert.equal((await store.find(waiting))?.task.state, "pending");
  assert.deepEqual(events, [
    { name: "task.removed", payload: { id: done, lane: "default", client: "127.0.0.1", state: "completed" } },
  ]);
});

test("the state a task is told to have been deleted in is its last", async (t) => {
  const { app, submit, store, events } = await openControl(t, {
    // It ends between the call and the deletion.
    async remove(id) {
      await store.cancel(id, 0);
      return store.remove(id);
    },
  });
  const id = await submit();
  assert.equal((await app.inject({ method: "DELETE", url: `/task/${id}` })).statusCode, 200);
  assert.deepEqual(
    events.map(({ payload }) => payload),
    [{ id, lane: "default", client: "127.0.0.1", state: "cancelled" }],
  );
});

test("patch changes priority and due time of a task that waits", async (t) => {
  const { app, submit, store, clock, woken } = await openControl(t);
  const first = await submit();
  const second = await submit();
  const patch = async (payload: object) => app.inject({ method: "PATCH", url: `/task/${second}`, payload });

  const raised = await patch({ priority: 9 });
  assert.equal(raised.statusCode, 200);
  const { priority, position } = raised.json<{ priority: number; position: number }>();
  assert.deepEqual([priority, position], [9, 1]);
  assert.equal((await store.find(first))?.position, 2);

  const before = clock.now();
  const delayed = await patch({ delay_seconds: 60 });
  assert.equal(delayed.json<{ reason: string }>().reason, "delayed");
  const notBefore = (await store.find(second))?.task.notBefore ?? 0;
  assert.ok(notBefore >= before + 60_000 && notBefore <= clock.now() + 60_000);

  const later = Math.floor(before / 1_000) * 1_000 + 86_400_000;
  await patch({ not_before: new Date(later + 3_600_000).toISOString().replace("Z", "+01:00") });
  assert.equal((await store.find(second))?.task.notBefore, later);
  for (const now of [{ not_before: null }, { not_before: "2020-01-01T00:00:00Z" }, { delay_seconds: 0 }]) {
    await patch({ delay_seconds: 60 });
    assert.equal((await patch(now)).json<{ position: number }>().position, 1, JSON.stringify(now));
  }
  assert.ok(woken.length > 0 && woken.every((lane) => lane === "default"));
});

test("patch leaves a task that does not wait any more", async (t) => {
  const { app, answered } = await openControl(t);
  const answer = await app.inject({
    method: "PATCH",
    url: `/task/${await answered({})}`,
    payload: { priority: 1 },
  });
  assert.deepEqual(
    [answer.statusCode, answer.json<{ task_status: string }>().task_status],
    [409, "completed"],
  );
  const unknown = await app.inject({ method: "PATCH", url: `/task/${UNKNOWN_ID}`, payload: { priority: 1 } });
  assert.equal(unknown.statusCode, 404);
});

test("cleanup deletes by age, in batches, until done", async (t) => {
  const asked: (readonly [number, number])[] = [];
  const counts = [500, 500, 499];
  const { app, clock, events } = await openControl(t, {
    prune: async (endedBefore, limit) => (asked.push([endedBefore, limit]), counts.shift() ?? 0),
  });
  const before = clock.now();
  const answer = await app.inject({ method: "DELETE", url: "/tasks/cleanup?max_age_hours=1.5" });
  assert.deepEqual(answer.json(), { success: true, deleted: 1_499, message: "Deleted 1499 tasks" });
  assert.deepEqual(
    asked.map(([, limit]) => limit),
    [500, 500, 500],
  );
  const [endedBefore = 0] = asked[0] ?? [];
  assert.ok(endedBefore > before - 5_400_000 && endedBefore <= clock.now() - 5_400_000 + 1);
  assert.equal(new Set(asked.map(([instant]) => instant)).size, 1, "the instant stays");
  assert.deepEqual(events, [{ name: "tasks.pruned", payload: { count: 1_499 } }]);
});

test("cleanup keeps a day unless asked otherwise, and everything that has not ended", async (t) => {
  const { app, submit, answered, store } = await openControl(t, { locale: "zh" });
  const done = await answered({});
  const waiting = await submit();
  const cleanUp = async (query: string) =>
    (await app.inject({ method: "DELETE", url: `/tasks/cleanup${query}` })).json();
  assert.deepEqual(await cleanUp(""), { success: true, deleted: 0, message: "已清理 0 个任务" });
  assert.notEqual(await store.find(done), null);
  assert.deepEqual(await cleanUp("?max_age_hours=0"), {
    success: true,
    deleted: 1,
    message: "已清理 1 个任务",
  });
  assert.deepEqual([await store.find(done), (await store.find(waiting))?.task.state], [null, "pending"]);
});
