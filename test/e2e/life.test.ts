// Starting, draining, stopping, coming back.

import assert from "node:assert/strict";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Answer,
  call,
  eventually,
  look,
  outcome,
  type ProblemView,
  run,
  stats,
  submit,
} from "../rig/client.ts";
import { type Gateway, type Owner, prepareGateway, startGateway } from "../rig/gateway.ts";
import { type ScriptedTarget, startTarget } from "../rig/target.ts";

async function targetFor(owner: Owner): Promise<ScriptedTarget> {
  const target = await startTarget();
  owner.after(() => target.close());
  return target;
}

/** Asks on a new connection, as a load balancer does; null when nobody listens any more. */
async function ready({ url }: Gateway): Promise<number | null> {
  return fetch(new URL("/readyz", url), { headers: { Connection: "close" } }).then(
    ({ status }) => status,
    () => null,
  );
}

test("SIGTERM: not ready, nothing new, what runs finishes, exit 0; what waits is there after the restart", async (t) => {
  const target = await targetFor(t);
  const gateway = await startGateway(t, {
    target: target.url,
    args: ["--max-concurrent", "1", "--drain-timeout", "20s"],
  });
  const { url } = gateway;
  const running = await submit(url, { path: "/slow", body: "x" });
  await target.received(1);
  const waiting = await submit(url, { path: "/ok", body: "y" });
  gateway.kill("SIGTERM");

  await eventually(
    () => ready(gateway),
    (status) => status === 503,
  );
  const refused: Answer = await call(url, { method: "POST", path: "/ok", body: "z" });
  assert.deepEqual([refused.status, refused.json<ProblemView>().code], [503, "shutting_down"]);
  assert.ok(Number(refused.headers["retry-after"]) >= 1);
  assert.equal((await look(url, running)).status, "processing");

  target.release();
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  assert.equal(target.seen.length, 1);

  await gateway.restart();
  assert.equal((await look(gateway.url, running)).status, "completed");
  const task = await outcome(gateway.url, waiting);
  assert.deepEqual([task.status, task.attempts.length], ["completed", 1]);
  assert.equal(target.seen.length, 2);
});

test("what is not done by the drain time-out: GET is handed back and goes on, POST is told honestly", async (t) => {
  const target = await targetFor(t);
  const gateway = await startGateway(t, { target: target.url, args: ["--drain-timeout", "100ms"] });
  const get = await submit(gateway.url, { method: "GET", path: "/slow" });
  const post = await submit(gateway.url, { method: "POST", path: "/slow", body: "x" });
  await target.received(2);
  gateway.kill("SIGTERM");
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  target.release();

  await gateway.restart();
  const repeated = await outcome(gateway.url, get);
  assert.equal(repeated.status, "completed");
  assert.deepEqual(
    repeated.attempts.map(({ number, outcome }) => [number, outcome]),
    [
      [1, "interrupted"],
      [2, "answered"],
    ],
  );
  const told = await outcome(gateway.url, post);
  assert.deepEqual([told.status, told.reason, told.attempts.length], ["failed", "outcome_unknown", 1]);
  assert.equal(target.seen.length, 3);
});

test("an attempt that had sent nothing is given back and not counted", async (t) => {
  // Takes connections and never speaks TLS: the attempt stays where nothing is sent.
  const target = await targetFor(t);
  const gateway = await startGateway(t, {
    target: `https://${target.url.host}`,
    args: ["--drain-timeout", "50ms", "--connect-timeout", "60s"],
  });
  const id = await submit(gateway.url, { path: "/ok", body: "x" });
  await eventually(
    () => look(gateway.url, id),
    ({ status }) => status === "processing",
  );
  gateway.kill("SIGTERM");
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });

  await gateway.restart({ args: ["--target", target.url.href] });
  const task = await outcome(gateway.url, id);
  assert.deepEqual([task.status, task.attempts.map(({ number }) => number)], ["completed", [1]]);
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`a second ${signal} ends at once`, async (t) => {
    const target = await targetFor(t);
    const gateway = await startGateway(t, { target: target.url, args: ["--drain-timeout", "10m"] });
    await submit(gateway.url, { method: "GET", path: "/hang" });
    await target.received(1);
    gateway.kill(signal);
    await eventually(
      () => gateway.output,
      (output) => output.includes("a second signal ends at once"),
    );
    gateway.kill(signal);
    assert.deepEqual(await gateway.exited, { code, signal: null });
  });
}

test("a client that keeps its connection open, idle or half-way, does not hold up the stop", async (t) => {
  const target = await targetFor(t);
  const gateway = await startGateway(t, { target: target.url, args: ["--drain-timeout", "200ms"] });
  const sockets = await Promise.all(
    ["", "POST /ok HTTP/1.1\r\n", "POST /ok HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf"].map(
      async (text) => {
        const socket = connect(Number(gateway.url.port), "127.0.0.1");
        socket.on("error", () => {});
        await once(socket, "connect");
        socket.write(text);
        return socket;
      },
    ),
  );
  await call(gateway.url, { path: "/healthz" });
  gateway.kill("SIGTERM");
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  assert.match(gateway.output, /connections cut/, "that of the body that does not come");
  for (const socket of sockets) socket.destroy();
});

test("a kill and a restart keep everything: states, answers, bodies, order, statistics", async (t) => {
  const target = await targetFor(t);
  const gateway = await startGateway(t, { target: target.url, args: ["--max-concurrent", "1"] });
  const body = Buffer.alloc(200_000, "large");
  const done = await run(gateway.url, { path: "/echo", body });
  const failed = await run(gateway.url, { method: "GET", path: "/status/404" });
  const get = await submit(gateway.url, { method: "GET", path: "/slow" });
  await target.received(3);
  const waiting = [
    await submit(gateway.url, { path: "/ok?n=1", body }),
    await submit(gateway.url, { path: "/ok?n=2" }),
  ];
  gateway.kill("SIGKILL");
  await gateway.exited;
  target.release();

  await gateway.restart();
  const { url } = gateway;
  assert.deepEqual(await look(url, done.task_id), done);
  assert.deepEqual(await look(url, failed.task_id), failed);
  const repeated = await outcome(url, get);
  assert.deepEqual([repeated.status, repeated.attempts.length], ["completed", 2]);
  for (const id of waiting) assert.equal((await outcome(url, id)).status, "completed");
  const lastPaths = target.seen.slice(-3).map(({ path }) => path);
  assert.deepEqual(
    lastPaths.filter((path) => path.startsWith("/ok")),
    ["/ok?n=1", "/ok?n=2"],
  );
  const { tasks, totals } = await stats(url);
  assert.deepEqual([tasks.completed, tasks.failed, totals["accepted"]], [4, 1, 5]);
});

test("a kill while a POST runs: told honestly at once after the restart, and not sent again", async (t) => {
  const target = await targetFor(t);
  const gateway = await startGateway(t, { target: target.url });
  const id = await submit(gateway.url, { path: "/hang", body: "once" });
  await target.received(1);
  gateway.kill("SIGKILL");
  await gateway.restart();
  const task = await look(gateway.url, id);
  assert.deepEqual([task.status, task.reason, task.error?.code], ["failed", "outcome_unknown", "node_lost"]);
  assert.equal(target.seen.length, 1);
});

test("in memory: works the same, writes nothing, forgets", async (t) => {
  const target = await targetFor(t);
  const gateway = await startGateway(t, { target: target.url, args: ["--store", "memory"] });
  assert.match(gateway.output, /in memory/);
  const task = await run(gateway.url, { path: "/echo", body: Buffer.alloc(100_000, "x") });
  assert.equal(task.status, "completed");
  await assert.rejects(access(join(gateway.dataDir, "headgate.db")));
  gateway.kill("SIGTERM");
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  await gateway.restart();
  assert.equal((await call(gateway.url, { path: `/task/${task.task_id}` })).status, 404);
  // Leaves its folder for large bodies behind when it is killed.
  gateway.kill("SIGTERM");
  await gateway.exited;
});

test("two processes on one data folder: the second refuses, the first goes on", async (t) => {
  const target = await targetFor(t);
  const first = await startGateway(t, { target: target.url });
  const second = await prepareGateway(t, { target: target.url, dataDir: first.dataDir });
  second.spawn();
  assert.deepEqual(await second.exited, { code: 1, signal: null });
  assert.match(second.output, /cannot start: Another Headgate uses the data folder/);
  assert.equal((await run(first.url, { path: "/ok" })).status, "completed");
  first.kill("SIGKILL");
  await first.exited;
  await second.restart();
});

test("a port that is taken: says so and ends with 1", async (t) => {
  const target = await targetFor(t);
  const gateway = await prepareGateway(t, { target: target.url, args: ["--listen-port", target.url.port] });
  gateway.spawn();
  assert.deepEqual(await gateway.exited, { code: 1, signal: null });
  assert.match(
    gateway.output,
    /cannot start: 127\.0\.0\.1:\d+ is in use already; .*--listen-port .*EADDRINUSE/,
  );
});
