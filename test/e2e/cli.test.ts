// The commands that are clients, as people run them, against the real server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { headgate as program, MAIN } from "../cli/running.ts";
import { raw } from "../rig/behaviour.ts";
import type { TaskView } from "../rig/client.ts";
import { type Gateway, startGateway } from "../rig/gateway.ts";
import { CTRL_C, type OnTerminal, onTerminal } from "../rig/pty.ts";
import { missing } from "../rig/service.ts";
import { headerOf, type ScriptedTarget, startTarget } from "../rig/target.ts";

interface Place {
  readonly target: ScriptedTarget;
  readonly gateway: Gateway;
  readonly environment: Readonly<Record<string, string>>;
  headgate(...args: readonly string[]): ReturnType<typeof program>;
  onTerminal(...args: readonly string[]): OnTerminal;
}

async function start(t: TestContext, args: readonly string[] = []): Promise<Place> {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, { target: target.url, args: ["--max-concurrent", "1", ...args] });
  const environment = { HEADGATE_URL: gateway.url.origin };
  return {
    target,
    gateway,
    environment,
    headgate: (...args) => program(args, environment),
    onTerminal: (...args) => onTerminal(t, [process.execPath, MAIN, ...args], environment),
  };
}

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

describe("on a terminal", { skip: missing("script") }, () => {
  test("run draws over one line, and Ctrl-C cancels the task", async (t) => {
    const { onTerminal, headgate, target, gateway } = await start(t);
    const id = (await headgate("submit", "/hang")).stdout.trim();
    await target.received(1);
    const terminal = onTerminal("run", "/ok");
    await terminal.shows("\r\u001B[Kwaiting, next in line, held by lane_limit");
    terminal.type(CTRL_C);
    assert.equal(await terminal.ended, 130);
    assert.match(terminal.output, /headgate: task \S+ is cancelled\r\n$/);
    const { tasks } = (await (await fetch(new URL("/tasks", gateway.url))).json()) as { tasks: TaskView[] };
    assert.deepEqual(
      tasks.map(({ path, status }) => `${path} ${status}`),
      ["/ok cancelled", "/hang processing"],
    );
    // Who only waits for it leaves it as it is.
    const waiting = onTerminal("wait", id);
    await waiting.shows(/running/);
    waiting.type(CTRL_C);
    assert.equal(await waiting.ended, 130);
    assert.match(waiting.output, /goes on/);
    assert.match((await headgate("status", id)).stdout, /^status +running/);
  });

  test("run tells the progress that the target reports", async (t) => {
    const { onTerminal, target } = await start(t);
    const watched = onTerminal("run", "/slow");
    const seen = await target.received(1);
    const answer = await fetch(headerOf(seen, "headgate-progress-url") ?? "", {
      method: "PUT",
      headers: {
        "Content-Type": "application/json",
        "Headgate-Progress-Token": headerOf(seen, "headgate-progress-token") ?? "",
      },
      body: JSON.stringify({ percent: 50, message: "page 3 of 6" }),
    });
    assert.ok(answer.ok);
    await watched.shows("[############------------] running, 50%, page 3 of 6");
    target.release();
    assert.equal(await watched.ended, 0);
  });

  test("an answer cannot command it, unless the bytes are asked for", async (t) => {
    const { onTerminal, target } = await start(t);
    const evil = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\u001B[2Jgone\n";
    target.next(raw(evil), raw(evil));
    const escaped = onTerminal("run", "-q", "/x");
    assert.equal(await escaped.ended, 0);
    assert.equal(escaped.output, "\\x1b[2Jgone\r\n");
    const asIs = onTerminal("run", "-q", "-o", "-", "/x");
    assert.equal(await asIs.ended, 0);
    assert.equal(asIs.output, "\u001B[2Jgone\r\n");
  });

  test("top shows what runs and what waits, and gives the terminal back", async (t) => {
    const { onTerminal, headgate, target } = await start(t);
    await headgate("submit", "/hang/running");
    await target.received(1);
    await headgate("submit", "/ok/waiting");
    const terminal = onTerminal("top", "--interval", "100ms");
    await terminal.shows("\u001B[?1049h");
    await terminal.shows(/queue +\[[#-]+\] 1 of 100/);
    await terminal.shows(/GET \/hang\/running/);
    await terminal.shows(/GET \/ok\/waiting +lane_limit/);
    terminal.type("q");
    assert.equal(await terminal.ended, 0);
    assert.ok(terminal.output.endsWith("\u001B[?25h\u001B[?1049l"));
  });
});
