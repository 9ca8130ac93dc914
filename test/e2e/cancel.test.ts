// Cancel is real: in line, while running, and against an answer that comes at the same moment.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Answer, call, eventually, look, outcome, stats, submit, type TaskView } from "../rig/client.ts";
import { laneOf, startFlow } from "../rig/flow.ts";
import { startGateway } from "../rig/gateway.ts";
import { headerOf, startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const gateway = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "1"] });
const { url } = gateway;

function cancel(id: string): Promise<Answer> {
  return call(url, { method: "POST", path: `/task/${id}/cancel` });
}

/** A task that is with the target, and the connection it is on. */
async function running(path: string): Promise<{ readonly id: string; readonly connection: number }> {
  const id = await submit(url, { path });
  const { connection } = await target.arrivalOf(id);
  return { id, connection };
}

function timesSeen(id: string): number {
  return target.seen.filter((request) => headerOf(request, "headgate-task-id") === id).length;
}

test("running: yes, its connection is closed, its slot is free, and cancelled it stays", async () => {
  for (const path of ["/hang", "/trickle", "/informational-trickle", "/deaf"]) {
    const { id, connection } = await running(path);
    const answer = await cancel(id);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().status, "cancelled");
    if (path !== "/deaf") await target.closed(connection);
    const task = await outcome(url, id);
    assert.deepEqual(
      [task.status, task.reason, task.success, task.result],
      ["cancelled", "cancelled", false, null],
    );
    assert.equal((await outcome(url, await submit(url, { path: "/ok" }))).status, "completed");
    assert.equal(timesSeen(id), 1);
    assert.equal((await look(url, id)).status, "cancelled");
  }
});

test("with on_cancel: finish the slot is the task's until the service answers, and the answer is dropped", async (t) => {
  const flow = await startFlow(
    t,
    1,
    (a) => `
routes:
  - { match: /**, target: ${a}, name: all, max_concurrent: 1, on_cancel: finish }
  - { match: /hang/**, target: ${a}, name: late, max_concurrent: 1, on_cancel: finish, timeout: 500ms }
`,
  );
  const [service] = flow.targets;
  const id = await submit(flow.url, { path: "/slow" });
  const { connection } = await service!.received(1);
  const answer = await call(flow.url, { method: "POST", path: `/task/${id}/cancel` });
  assert.deepEqual([answer.status, answer.json().status], [200, "cancelled"]);
  const next = await submit(flow.url, { path: "/ok" });
  const { in_flight: running, waiting_for: held } = await laneOf(flow.url, "all");
  assert.deepEqual([running, held?.reason, service!.seen.length], [1, "lane_limit", 1]);
  // It cannot be deleted while it holds its slot.
  assert.equal((await call(flow.url, { method: "DELETE", path: `/task/${id}` })).status, 409);
  service!.release();
  assert.equal((await outcome(flow.url, next)).status, "completed");
  const { status, result, attempts } = await look(flow.url, id);
  assert.deepEqual([status, result, attempts.length], ["cancelled", null, 1]);
  assert.equal(attempts[0]!.outcome, "answered");
  // Its answer was whole: the connection has taken the next request.
  assert.equal(service!.seen[1]!.connection, connection);

  const late = await submit(flow.url, { path: "/hang" });
  const hanging = await service!.received(3);
  await call(flow.url, { method: "POST", path: `/task/${late}/cancel` });
  await service!.closed(hanging.connection);
  assert.equal((await look(flow.url, late)).status, "cancelled");
  const { text } = await call(flow.url, { path: "/metrics" });
  assert.match(text, /^headgate_settlements_rejected_total 0$/m);
});

test("in line: yes, and it never reaches the target", async () => {
  const { id: blocker } = await running("/hang");
  const id = await submit(url, { path: "/ok" });
  assert.equal((await cancel(id)).json().status, "cancelled");
  await cancel(blocker);
  await outcome(url, await submit(url, { path: "/ok" }));
  const task = await look(url, id);
  assert.deepEqual([task.status, task.attempts.length, timesSeen(id)], ["cancelled", 0, 0]);
});

test("waiting for another try: yes", async () => {
  const { id } = await running("/status/503");
  await eventually(
    () => look(url, id),
    ({ reason }) => reason === "retry_backoff" || reason === "target_error",
  );
  const answer = await cancel(id);
  const task = await outcome(url, id);
  assert.equal(answer.status, task.status === "cancelled" ? 200 : 409);
});

test("over: no, and the reply says how it ended", async () => {
  const id = await submit(url, { path: "/ok" });
  await outcome(url, id);
  const answer = await cancel(id);
  assert.equal(answer.status, 409, answer.text);
  assert.match(answer.text, /completed/);
  assert.equal((await look(url, id)).status, "completed");

  const { id: again } = await running("/hang");
  assert.equal((await cancel(again)).status, 200);
  const second = await cancel(again);
  assert.match(second.text, /cancelled/);
  assert.equal((await cancel("01900000-0000-7000-8000-000000000000")).status, 404);
});

test("against the answer: one winner, and the reply says which", async () => {
  const winners = new Map<string, number>();
  for (let round = 0; round < 40; round++) {
    const id = await submit(url, { path: "/ok" });
    // The answer is on its way.
    await target.arrivalOf(id);
    const answer = await cancel(id);
    const task = await outcome(url, id);
    assert.equal(answer.status, task.status === "cancelled" ? 200 : 409, `${answer.text} but ${task.status}`);
    assert.equal(task.result === null, task.status === "cancelled");
    const later: TaskView = await look(url, id);
    assert.equal(later.status, task.status);
    winners.set(task.status, (winners.get(task.status) ?? 0) + 1);
  }
  const { tasks } = await stats(url);
  assert.equal(tasks.processing + tasks.pending, 0);
  assert.equal(target.atOnce.max, 1);
});
