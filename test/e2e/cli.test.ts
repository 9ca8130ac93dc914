// The commands that are clients, as people run them, against the real server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { headgate as program, MAIN } from "../cli/running.ts";
import type { TaskView } from "../rig/client.ts";
import { startCommands as start } from "../rig/commands.ts";

test("run gives out the service's answer, byte for byte, and how it got there on standard error", async (t) => {
  const { headgate } = await start(t);
  const { code, stdout, stderr } = await headgate("run", "-H", "Token: t1", "-d", '{"a":1}', "/echo/x?y=1");
  const seen = JSON.parse(stdout) as { method: string; path: string; token: string; sizeBytes: number };
  assert.deepEqual(
    [code, seen.method, seen.path, seen.token, seen.sizeBytes],
    [0, "POST", "/echo/x?y=1", "t1", 7],
  );
  assert.ok(!stderr.includes("{"), stderr);
  assert.equal((await headgate("run", "--quiet", "/ok")).stderr, "");
});

test("a task that fails is exit code 1, with the answer there was", async (t) => {
  const { headgate, target } = await start(t);
  const failed = await headgate("run", "-i", "-q", "/status/418");
  assert.deepEqual([failed.code, failed.stdout.split("\n")[0]], [1, "HTTP/1.1 418 I'm a Teapot"]);
  assert.match(failed.stdout, /\n\nstatus 418$/);
  assert.match(failed.stderr, /^headgate: task \S+: failed \(target_error\), answer 418/);
  await target.close();
  const unanswered = await headgate("run", "-q", "--max-attempts", "1", "/ok");
  assert.deepEqual([unanswered.code, unanswered.stdout], [1, ""]);
  assert.match(unanswered.stderr, /failed \(connect_failed\)/);
});

test("the life of a task, command by command", async (t) => {
  const { headgate, target } = await start(t);
  const submitted = await headgate("submit", "--label", "k=v", "-d", "x", "/slow");
  const id = submitted.stdout.trim();
  const behind = (await headgate("submit", "/ok")).stdout.trim();
  await target.received(1);

  const early = await headgate("result", id);
  assert.deepEqual([early.code, early.stdout], [6, ""]);
  assert.match(
    (await headgate("status", id)).stdout,
    /^status +running.*\ntask +\S+\nrequest +POST \/slow\n/,
  );
  assert.match(
    (await headgate("status", behind)).stdout,
    /^status +waiting, next in line, held by lane_limit/,
  );
  const late = await headgate("wait", "-q", "--wait-for", "100ms", id);
  assert.deepEqual([late.code, late.stdout], [6, ""]);

  const cancelled = await headgate("cancel", behind);
  assert.deepEqual([cancelled.code, cancelled.stdout], [0, `cancelled ${behind}\n`]);
  assert.equal((await headgate("wait", behind)).code, 5);
  assert.equal((await headgate("cancel", behind)).code, 4);

  target.release();
  const waited = await headgate("wait", id);
  assert.equal(waited.code, 0);
  assert.match(waited.stdout, /^completed, answer 200/);
  const retried = (await headgate("retry", "--json", id)).stdout;
  const { new_task_id: again } = JSON.parse(retried) as { new_task_id: string };
  assert.equal((await headgate("wait", again, "--json")).code, 0);

  const lines = (await headgate("list", "--json", "--label", "k=v")).stdout.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as TaskView).task_id),
    [again, id],
  );
  assert.equal(
    (await headgate("list", "--since", "1h", "--status", "cancelled")).stdout.split("\n").length,
    3,
  );
  assert.match(
    (await headgate("stats")).stdout,
    /^stored +0 pending, 0 processing, 2 completed, 0 failed, 1 cancelled\n/,
  );
  assert.deepEqual(await headgate("cleanup", "--max-age-hours", "0"), {
    code: 0,
    stdout: "deleted 3 tasks\n",
    stderr: "",
  });
});

test("many at once: a batch, and what a filter chooses", async (t) => {
  const { headgate, gateway } = await start(t);
  await headgate("lane", "pause", "default");
  const file = join(gateway.dataDir, "requests.jsonl");
  await writeFile(
    file,
    '{"path":"/ok/1","headers":{"Headgate-Label":"k=v"}}\n{"path":"/ok/2","method":"GET"}\n',
  );
  const batch = (await headgate("batch", file)).stdout.trim();
  assert.equal((await headgate("list", "--batch", batch, "--json")).stdout.trim().split("\n").length, 2);
  assert.equal(
    (await headgate("cancel", "--label", "k=v", "--dry-run")).stdout,
    "1 task would be cancelled\n",
  );
  assert.equal((await headgate("cancel", "--batch", batch, "--yes")).stdout, "cancelled 2 of 2 tasks\n");
  assert.equal((await headgate("retry", "--status", "cancelled", "-y")).stdout, "retried 2 of 2 tasks\n");
  assert.equal((await headgate("cancel", "--all", "-y")).stdout, "cancelled 2 of 2 tasks\n");
  await writeFile(file, '[{"path":"/ok"},{"path":"nowhere"}]');
  const wrong = await headgate("batch", file);
  assert.equal(wrong.code, 4);
  assert.match(wrong.stderr, /requests\[1\]/);
});

test("a lane is paused, changed and resumed", async (t) => {
  const { headgate } = await start(t);
  assert.equal((await headgate("lane", "pause", "default")).code, 0);
  assert.equal((await headgate("lane", "set", "default", "--max-concurrent", "3", "--rate", "50/s")).code, 0);
  assert.match((await headgate("lane", "list")).stdout, /\ndefault +0\/100 +0\/3 +50\/s .* paused\n/);
  assert.equal((await headgate("lane", "set", "default", "--max-concurrent", "default")).code, 0);
  assert.equal((await headgate("lane", "resume", "default")).code, 0);
  assert.match((await headgate("lane", "list")).stdout, /\ndefault +0\/100 +0\/1 +50\/s .* -\n/);
  assert.equal((await headgate("lane", "pause", "other")).code, 4);
});

test("tail follows all tasks, and goes on after an event", async (t) => {
  const { headgate, environment } = await start(t);
  const tail = spawn(process.execPath, [MAIN, "tail", "--json", "--status", "completed"], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: tail.stdout })[Symbol.asyncIterator]();
  const next = async () =>
    JSON.parse(String((await lines.next()).value)) as {
      readonly id: string;
      readonly event: string;
      readonly data: { readonly task_id: string; readonly status: string };
    };
  // It may listen a moment later: what is submitted until then it does not hear of.
  let isHeard = false;
  const first = next().finally(() => (isHeard = true));
  while (!isHeard) await Promise.race([first, headgate("run", "-q", "/ok")]);
  const { id, event, data } = await first;
  assert.deepEqual([event, data.status], ["final", "completed"]);
  tail.kill("SIGINT");
  assert.deepEqual(await once(tail, "exit"), [0, null]);

  const missed = (await headgate("submit", "/ok")).stdout.trim();
  await headgate("wait", "-q", missed);
  const again = spawn(process.execPath, [MAIN, "tail", "--after", id], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: again.stdout })) {
    if (line.includes(missed) && line.includes("completed")) break;
  }
  again.kill("SIGINT");
  assert.deepEqual(await once(again, "exit"), [0, null]);
});

test("keys: from the first one on, who has none is refused", async (t) => {
  const { headgate, environment } = await start(t);
  const admin = (await headgate("key", "create", "root", "--role", "admin")).stdout.trim();
  assert.match(admin, /^hg_/);
  const refused = await headgate("stats");
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /HEADGATE_KEY/);

  const as = (key: string, ...args: readonly string[]) =>
    program(args, { ...environment, HEADGATE_KEY: key });
  const mine = (await as(admin, "key", "create", "ci", "--role", "submit")).stdout.trim();
  const foreign = (await as(admin, "submit", "/ok")).stdout.trim();
  assert.equal((await as(mine, "run", "-q", "/ok")).code, 0);
  assert.equal((await as(mine, "status", foreign)).code, 4);
  assert.equal((await as(mine, "list", "--json")).stdout.trim().split("\n").length, 1);
  assert.equal((await as(mine, "key", "list")).code, 4);
  assert.match((await as(admin, "key", "list")).stdout, /\nci +submit +ci /);
  assert.equal((await as(admin, "key", "remove", "ci")).code, 0);
  assert.equal((await as(mine, "list")).code, 4);
});

test("whoever reads no further ends the command, and that is no fault", async (t) => {
  const { headgate, environment } = await start(t);
  await headgate("run", "-q", "/ok");
  const line = `'${process.execPath}' '${MAIN}' list --json | true; echo "\${PIPESTATUS[0]}"`;
  const child = spawn("bash", ["--norc", "-c", line], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  assert.deepEqual([stdout, stderr], ["0\n", ""]);
});
