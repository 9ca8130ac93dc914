import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { onTerminal } from "../rig/pty.ts";
import { missing } from "../rig/service.ts";
import { headgate, MAIN, shell } from "./running.ts";
import { json, problem, type Reply, startStandIn } from "./stand-in.ts";
import { taskWith } from "./task.ts";

const ID = taskWith().task_id;
const OTHER = "0196d3a0-5c5e-7c3a-9d0e-3b1f6a2c4d5f";

describe("many at once", () => {
  test("a filter counts first and does nothing with --dry-run", async (t) => {
    const server = await startStandIn(t, {
      "POST /tasks/retry": json({ matched: 1_200, retried: 0, skipped: {}, more: true }),
    });
    const args = [
      "retry",
      "--status",
      "failed",
      "--route",
      "r",
      "--since",
      "2026-02-04T03:04:05Z",
      "-s",
      "api",
      "--dry-run",
    ];
    const { code, stdout } = await headgate([...args, "--url", server.url]);
    assert.deepEqual([code, stdout], [0, "1,200 tasks and more would be retried\n"]);
    assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), {
      status: "failed",
      route: "r",
      since: "2026-02-04T03:04:05Z",
      q: "api",
      dry_run: true,
    });
  });

  test("--yes does it at once", async (t) => {
    const server = await startStandIn(t, {
      "POST /tasks/cancel": json({ matched: 3, cancelled: 2, skipped: { conflict: 1 }, more: false }),
    });
    const { code, stdout } = await headgate(["cancel", "--label", "k=v", "--yes", "--url", server.url]);
    assert.deepEqual([code, stdout], [0, "cancelled 2 of 3 tasks (left alone: 1 conflict)\n"]);
    assert.deepEqual(
      server.seen.map(({ body }) => JSON.parse(body) as unknown),
      [{ label: "k=v" }],
    );
  });

  test("a retry goes on where a call ended, and ends where there is no room", async (t) => {
    const answers: readonly object[] = [
      { matched: 10_000, retried: 9_999, skipped: { gone: 1 }, more: true, next_cursor: OTHER },
      { matched: 5, retried: 4, skipped: { queue_full: 1 }, more: true, next_cursor: ID },
    ];
    let calls = 0;
    const server = await startStandIn(t, {
      "POST /tasks/retry": (response) => json(answers[calls++])(response),
    });
    const { code, stdout } = await headgate(["retry", "--all", "-y", "--url", server.url]);
    assert.deepEqual(
      [code, stdout],
      [7, "retried 10,003 of 10,005 tasks (left alone: 1 gone, 1 queue_full)\n"],
    );
    assert.deepEqual(
      server.seen.map(({ body }) => JSON.parse(body) as unknown),
      [{ all: true }, { all: true, cursor: OTHER }],
    );
  });

  test("a cancel that gets nowhere ends", async (t) => {
    const answer = { matched: 10_000, cancelled: 0, skipped: { conflict: 10_000 }, more: true };
    const server = await startStandIn(t, { "POST /tasks/cancel": json(answer) });
    assert.equal((await headgate(["cancel", "--all", "-y", "--url", server.url])).code, 0);
    assert.equal(server.seen.length, 1);
  });

  test("somebody on a terminal is asked first", { skip: missing("script") }, async (t) => {
    const server = await startStandIn(t, {
      "POST /tasks/retry": json({ matched: 12, retried: 12, skipped: {}, more: false }),
    });
    for (const [answer, exitCode, words] of [
      ["n\r", 130, "Retry 12 tasks? [y/N] "],
      ["y\r", 0, "retried 12 of 12 tasks"],
    ] as const) {
      const args = [process.execPath, MAIN, "retry", "--status", "failed", "--url", server.url];
      const terminal = onTerminal(t, args, {});
      await terminal.shows("Retry 12 tasks? [y/N] ");
      terminal.type(answer);
      assert.equal(await terminal.ended, exitCode);
      assert.ok(terminal.output.includes(words), terminal.output);
    }
    assert.deepEqual(
      server.seen.map(({ body }) => body.includes("dry_run")),
      [true, true, false],
    );
  });

  test("of several ids, one that cannot be done does not keep the others back", async (t) => {
    const server = await startStandIn(t, {
      [`POST /task/${ID}/cancel`]: problem(409, "conflict", "It has ended."),
      [`POST /task/${OTHER}/cancel`]: json({ success: true }),
    });
    const { code, stdout, stderr } = await headgate(["cancel", ID, OTHER, "--url", server.url]);
    assert.deepEqual([code, stdout, stderr], [4, `cancelled ${OTHER}\n`, "headgate: It has ended.\n"]);
  });

  test("a batch is a list, or a request a line", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "headgate-cli-"));
    t.after(() => rm(folder, { recursive: true }));
    const server = await startStandIn(t, { "POST /tasks/batch": json({ batch_id: "b1", count: 2 }, 202) });
    const requests = [{ path: "/a" }, { path: "/b", body: 1 }];
    const contents = [
      JSON.stringify(requests),
      JSON.stringify({ requests }, null, 2),
      `${requests.map((each) => JSON.stringify(each)).join("\n")}\n\n`,
    ];
    for (const content of contents) {
      await writeFile(join(folder, "requests"), content);
      const { code, stdout } = await headgate(["batch", join(folder, "requests"), "--url", server.url]);
      assert.deepEqual([code, stdout], [0, "b1\n"]);
      assert.deepEqual(JSON.parse(server.seen.at(-1)?.body ?? ""), { requests });
    }
    await writeFile(join(folder, "requests"), '{"path":"/a"}\n{"path":\n');
    const { code, stderr } = await headgate(["batch", join(folder, "requests"), "--url", server.url]);
    assert.equal(code, 2);
    assert.match(stderr, /line 2 is no JSON/);
  });

  test("a list goes over pages as far as it is asked to", async (t) => {
    const page = (count: number, next: string | null): Reply =>
      json({
        tasks: Array.from({ length: count }, () => taskWith({ path: "/\u001B]0;x" })),
        next_cursor: next,
      });
    const server = await startStandIn(t, {
      "GET /tasks?status=failed&limit=200": page(200, "c1"),
      "GET /tasks?status=failed&limit=50&cursor=c1": page(50, "c2"),
    });
    const args = ["list", "--status", "failed", "-n", "250", "--url", server.url];
    const { code, stdout, stderr } = await headgate([...args, "--json"]);
    const lines = stdout.trimEnd().split("\n");
    assert.deepEqual([code, lines.length, stderr], [0, 250, ""]);
    assert.equal((JSON.parse(lines[249] ?? "") as { task_id: string }).task_id, ID);
    const asTable = await headgate(args);
    assert.equal(asTable.stdout.trimEnd().split("\n").length, 251);
    assert.ok(!asTable.stdout.includes("\u001B"));
    assert.match(asTable.stderr, /newest 250; there may be more/);
    // A pipe holds 64 KiB; the rest must not go with the process.
    const slow = await shell(`headgate ${args.join(" ")} --json | { sleep 1; wc -l; }`);
    assert.deepEqual([slow.stdout.trim(), slow.stderr], ["250", ""]);
    const unread = await shell(`headgate ${args.join(" ")} --json | { read -r line; }`);
    assert.deepEqual([unread.stdout, unread.stderr], ["", ""]);
  });
});
