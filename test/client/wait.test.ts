// Waiting for a task: how often is asked, and what ends it.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { Headgate } from "../../client/client.ts";
import { HeadgateError } from "../../client/errors.ts";
import { WaitTimeoutError } from "../../client/wait.ts";
import { inTurn, json, problem, type Reply, startStandIn } from "../cli/stand-in.ts";
import { taskWith } from "../cli/task.ts";

const HELD = "GET /task/t?wait=30.000";
const NOW = "GET /task/t?wait=0.000";
const WATCHED = "GET /task/t?wait=1.000";

const pending = json(taskWith());
const completed = json(taskWith({ status: "completed" }));

test("a server that answers early is not asked again at once", async (t) => {
  const server = await startStandIn(t, { [HELD]: inTurn(pending, pending, completed) });
  const beganMs = performance.now();
  await new Headgate(server.url).task("t").wait();
  assert.equal(server.seen.length, 3);
  assert.ok(performance.now() - beganMs > 900);
});

test("a key that has used up its quota waits on", async (t) => {
  const refused = problem(429, "quota_exceeded", "Later.");
  const server = await startStandIn(t, { [HELD]: inTurn(refused, completed) });
  assert.equal((await new Headgate(server.url).task("t").wait({ pollIntervalMs: 1 })).status, "completed");
});

test("a server that takes the question and does not answer holds nobody for long", async (t) => {
  const silent: Reply = () => {};
  const server = await startStandIn(t, {
    "GET /task/t?wait=0.200": silent,
    "GET /batches/b?wait=0.200": silent,
  });
  const headgate = new Headgate(server.url);
  const beganMs = performance.now();
  await assert.rejects(headgate.task("t").wait({ timeoutMs: 200 }), WaitTimeoutError);
  await assert.rejects(headgate.batchOf("b").wait({ timeoutMs: 200 }), { name: "TimeoutError" });
  assert.ok(performance.now() - beganMs < 10_000);
});

test("another service ends the wait", async (t) => {
  const server = await startStandIn(t, {
    [HELD]: (response) => response.end("<html>"),
    "GET /batches/b?wait=30.000": (response) => response.end('{"completed_at": null}'),
  });
  const headgate = new Headgate(server.url);
  await assert.rejects(headgate.task("t").wait(), HeadgateError);
  await assert.rejects(headgate.batchOf("b").wait(), /is no Headgate/);
});

test("who watches is told at once, and then of each change", async (t) => {
  const running = json(taskWith({ status: "processing" }));
  const server = await startStandIn(t, { [NOW]: pending, [WATCHED]: inTurn(pending, running, completed) });
  const told: string[] = [];
  await new Headgate(server.url).task("t").wait({ onChange: ({ status }) => told.push(status) });
  assert.deepEqual(told, ["pending", "processing", "completed"]);
});

test("a callback that throws ends the wait, and nothing is asked after that", async (t) => {
  const server = await startStandIn(t, {
    [HELD]: pending,
    "GET /task/t/events": (response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write('id: 1\nevent: progress\ndata: {"percent": 1, "message": null}\n\n');
    },
  });
  const onProgress = (): never => {
    throw new RangeError("of the caller");
  };
  await assert.rejects(new Headgate(server.url).task("t").wait({ onProgress }), RangeError);
  const calls = server.seen.length;
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(server.seen.length, calls);
});

test("no listener stays on a signal", async (t) => {
  const server = await startStandIn(t, {
    [HELD]: inTurn(pending, completed),
    "GET /task/t/events": (response) => void response.writeHead(204).end(),
  });
  const added: unknown[] = [];
  const { signal } = new AbortController();
  t.mock.method(AbortSignal, "any", () => assert.fail("keeps a listener on Node 20"));
  const listen = signal.addEventListener.bind(signal);
  t.mock.method(signal, "addEventListener", (...args: Parameters<typeof listen>) => {
    added.push(args[0]);
    listen(...args);
  });
  await new Headgate(server.url).task("t").wait({ signal, onProgress: () => {} });
  assert.ok(added.length > 0);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
