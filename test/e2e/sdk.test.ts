// The TypeScript SDK against the real program: from its sources, and as the package that others install.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Headgate } from "../../client/client.ts";
import { EnhancedProxyClient } from "../../client/enhanced-proxy-client.ts";
import { HeadgateError, NotFoundError, QueueFullError } from "../../client/errors.ts";
import { headgateFetch } from "../../client/headgate-fetch.ts";
import { TaskFailedError } from "../../client/task.ts";
import { WaitTimeoutError } from "../../client/wait.ts";
import { hang, status } from "../rig/behaviour.ts";
import { startFlow } from "../rig/flow.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

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
  const { url, gateway, targets } = await startFlow(t, 1, (target) => `target: ${target}\nlisten_port: 0`);
  targets[0]!.next(hang);
  const headgate = new Headgate(url);
  const task = await headgate.submit("/put", { method: "PUT", json: {} });
  await targets[0]!.received(1);
  await assert.rejects(task.wait({ timeoutMs: 300 }), (error: unknown) => {
    assert.ok(error instanceof WaitTimeoutError);
    assert.equal(error.task?.status, "processing");
    return true;
  });
  const ended = task.wait({ pollIntervalMs: 50 });
  gateway.kill("SIGKILL");
  await gateway.exited;
  await gateway.restart({ args: ["--listen-port", url.port] });
  assert.equal((await ended).status, "completed");
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
  assert.equal(await client.cleanup_tasks(24), 0);
  await client.delete_task(
    await client.retry_task(id).then(async (again) => (await client.wait_for_task(again)).task_id),
  );
});

describe("the package", () => {
  const folders: string[] = [];
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  /** Compiles and packs it, and installs it into an empty project, as its users do. */
  async function install(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "headgate-sdk-"));
    folders.push(folder);
    const copy = join(folder, "client");
    await cp(join(ROOT, "client"), copy, {
      recursive: true,
      filter: (path) => !/(?:node_modules|dist)$/.test(path),
    });
    await cp(join(ROOT, "tsconfig.json"), join(folder, "tsconfig.json"));
    const bin = join(ROOT, "node_modules/.bin");
    await run(join(bin, "tsc"), ["-p", copy]);
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: copy });
    const target = join(folder, "project/node_modules/@headgate/client");
    await mkdir(target, { recursive: true });
    await run("tar", ["-xzf", join(folder, stdout.trim()), "-C", target, "--strip-components=1"]);
    return join(folder, "project");
  }

  test("every example of its README runs, on an old Node, too", async (t) => {
    const project = await install();
    const { url } = await startFlow(t, 1, (target) => `target: ${target}`);
    const readme = await readFile(join(ROOT, "client/README.md"), "utf8");
    const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => String(code));
    assert.equal(examples.length, 6);
    const systems = await run("/usr/bin/env", [
      "-i",
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "which",
      "node",
    ]).then(
      ({ stdout }) => stdout.trim(),
      () => process.execPath,
    );
    for (const [index, code] of examples.entries()) {
      if (/\.events\(\)/.test(code) && !(await hasEvents(url))) continue;
      const file = join(project, `example-${index}.mjs`);
      await writeFile(file, code.replaceAll("http://localhost:8080", url.origin));
      const { stdout } = await run(systems, [file], { timeout: 30_000 });
      assert.match(stdout, /completed|200|\{/, code);
    }
  });
});

async function hasEvents(url: URL): Promise<boolean> {
  const task = await new Headgate(url).submit("/x");
  const response = await fetch(new URL(`/task/${task.id}/events`, url));
  await response.body?.cancel();
  return response.ok;
}
