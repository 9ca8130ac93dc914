// The commands that are clients, as they show themselves on a terminal.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { raw } from "../rig/behaviour.ts";
import type { TaskView } from "../rig/client.ts";
import { startCommands as start } from "../rig/commands.ts";
import { CTRL_C } from "../rig/pty.ts";
import { missing } from "../rig/service.ts";
import { headerOf } from "../rig/target.ts";

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
