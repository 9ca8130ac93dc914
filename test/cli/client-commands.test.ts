import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { headgate, shell } from "./running.ts";
import { events, json, problem, type Reply, startStandIn } from "./stand-in.ts";
import { taskWith } from "./task.ts";

const ID = taskWith().task_id;

describe("a wrong command line ends with 2 before anything is sent", () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["run"], /missing required argument 'path'/],
    [["run", "api/x"], /begins with \//],
    [["run", "http://localhost/x"], /--url says where Headgate is/],
    [["run", "/x", "-H", "no colon"], /Name: value/],
    [["run", "/x", "-H", "a: b\nc: d"], /Name: value/],
    [["run", "/x", "--priority", "10"], /from 0 to 9/],
    [["run", "/x", "--delay", "soon"], /such as 90, 500ms/],
    [["run", "/x", "--label", "k"], /key=value/],
    [["run", "/x", "--label", "team=搜索"], /ASCII without a comma/],
    [["run", "/x", "--client", "客户"], /ASCII characters/],
    [["run", "/x", "--client", "c".repeat(129)], /1 to 128 ASCII characters/],
    [["run", "/x", "--callback", `http://h/${"c".repeat(2_048)}`], /1 to 2048 ASCII characters/],
    [["run", "/x", "--idempotency-key", "a b"], /one key of 1 to 255 visible ASCII characters/],
    [["run", "/x", "--idempotency-key", "a,b"], /one key/],
    [["run", "/x", "-X", "GET", "-d", "1"], /a GET carries no body/],
    [["run", "/x", "-d", "@/nonexistent"], /-d @\/nonexistent: ENOENT/],
    [["run", "/x", "-d", `@${tmpdir()}`], /is a directory/],
    [["run", "/x", "-o", "/nonexistent/file"], /-o \/nonexistent\/file: ENOENT/],
    [["status", "../stats"], /the id of a task/],
    [["list", "--status", "done"], /Allowed choices are pending, processing/],
    [["list", "--since", "yesterday"], /ISO time/],
    [["list", "--stat", "failed"], /Did you mean --status\?/],
    [["cancel"], /give the ids of tasks, a filter/],
    [["cancel", ID, "--status", "failed"], /not both/],
    [["retry", ID, "--dry-run"], /--dry-run is for filters/],
    [["cancel", "--status", "pending"], /say --yes/],
    [["key", "create", "x"], /required option '--role <role>'/],
    [["key", "creat", "x"], /unknown command 'creat'/],
    [["lane", "set", "x"], /give --max-concurrent/],
    [["top"], /wants a terminal/],
    [["batch", "/nonexistent"], /ENOENT/],
    [["stats", "--url", "localhost:8080"], /begins with http/],
  ];
  for (const [args, message] of wrong) {
    test(args.join(" ").slice(0, 80), async (t) => {
      const server = await startStandIn(t, { "POST /tasks/cancel": json({ matched: 3 }) });
      const { code, stdout, stderr } = await headgate(args, { HEADGATE_URL: server.url });
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, message);
      for (const { body } of server.seen) assert.match(body, /dry_run/);
    });
  }

  test("a variable that is no URL", async () => {
    const { code, stderr } = await headgate(["stats"], { HEADGATE_URL: "nonsense" });
    assert.equal(code, 2);
    assert.match(stderr, /HEADGATE_URL=nonsense/);
  });
});

describe("what the server says becomes the exit code", () => {
  const refusals: readonly (readonly [Reply, number, RegExp])[] = [
    [problem(404, "not_found", "There is no such task."), 4, /^headgate: There is no such task\.\n$/],
    [problem(401, "unauthorized", "A key is wanted."), 4, /HEADGATE_KEY/],
    [problem(403, "forbidden", "Not with this key."), 4, /Not with this key/],
    [problem(400, "invalid_request", "must be such", "x"), 4, /x: must be such/],
    [problem(429, "quota_exceeded", "Too many."), 7, /Too many/],
    [problem(503, "shutting_down", "Stopping."), 7, /Stopping/],
    [problem(507, "storage_full", "Full."), 7, /Full/],
    [problem(500, "internal", "Oops \u001B[2J"), 1, /Oops \\x1b\[2J/],
  ];
  for (const [reply, exitCode, message] of refusals) {
    test(String(message), async (t) => {
      const server = await startStandIn(t, { [`GET /task/${ID}`]: reply });
      const { code, stdout, stderr } = await headgate(["status", ID, "--url", server.url]);
      assert.deepEqual([code, stdout], [exitCode, ""]);
      assert.match(stderr, message);
    });
  }

  test("a queue that stays full", async (t) => {
    const server = await startStandIn(t, { "GET /x": problem(503, "queue_full", "The queue is full.") });
    const { code, stderr } = await headgate(["submit", "/x", "--url", server.url]);
    assert.deepEqual([code, stderr], [7, "headgate: The queue is full.\n"]);
  });

  test("nobody there", async () => {
    const { code, stderr } = await headgate(["stats", "--url", "http://127.0.0.1:9"]);
    assert.equal(code, 3);
    assert.match(stderr, /^headgate: no Headgate answers at http:\/\/127\.0\.0\.1:9: /);
  });

  test("a server that is no Headgate gets nothing but the question whether it is", async (t) => {
    const server = await startStandIn(t, { "GET /x/healthz": json({ task_id: ID }, 202) });
    const args = ["cancel", ID, "--url", server.url, "--control-prefix", "/x/"];
    const { code, stderr } = await headgate(args);
    assert.equal(code, 3);
    assert.match(stderr, /is no Headgate, or --control-prefix is missing/);
    assert.deepEqual(
      server.seen.map(({ call }) => call),
      ["GET /x/healthz"],
    );
  });
});

test("a key alone is on standard output", async (t) => {
  const server = await startStandIn(t, {
    "POST /keys": json({ success: true, name: "ci", key: "hg_x" }, 201),
  });
  const args = [
    "key",
    "create",
    "ci",
    "--role",
    "submit",
    "--rate",
    "10/s",
    "--max-open",
    "5",
    "--url",
    server.url,
  ];
  const { code, stdout, stderr } = await headgate(args);
  assert.deepEqual([code, stdout], [0, "hg_x\n"]);
  assert.match(stderr, /told this once/);
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), {
    name: "ci",
    role: "submit",
    rate: "10/s",
    max_open: 5,
  });
});

test("the variables of the client commands are no mistake to the server's", async () => {
  const environment = { HEADGATE_URL: "http://h:1", HEADGATE_KEY: "hg_x", HEADGATE_TARGET: "http://t" };
  assert.equal((await headgate(["check"], environment)).code, 0);
});

test("deliveries are listed, and sent again by their ids", async (t) => {
  const delivery = {
    id: "msg_1",
    type: "task.failed",
    state: "failed",
    endpoint: null,
    url: "https://r.example/\u001B[2J",
    task_id: ID,
    created_at: "2026-02-04T03:04:05Z",
    next_at: null,
    ended_at: null,
    tries: 2,
    log: [{ at: "2026-02-04T03:04:06Z", duration_seconds: 1, status: 500, error: null }],
  };
  const server = await startStandIn(t, {
    "GET /webhooks/deliveries?state=failed&limit=50": json({ deliveries: [delivery] }),
    "POST /webhooks/deliveries/msg_1/redeliver": json({ success: true }, 202),
  });
  const at = ["--url", server.url];
  const { code, stdout } = await headgate(["webhook", "list", "--state", "failed", ...at]);
  assert.equal(code, 0);
  assert.match(stdout, /\nmsg_1 +failed +task\.failed +2 +\S+ +https:\/\/r\.example\/\\x1b\[2J +500\n$/);
  assert.equal((await headgate(["webhook", "redeliver", "msg_1", ...at])).stdout, "msg_1 is sent again\n");
});

test("default takes a change of a lane back", async (t) => {
  const server = await startStandIn(t, { "PATCH /lanes/a%2Fb": json({ success: true }) });
  const args = ["lane", "set", "a/b", "--max-concurrent", "auto", "--queue", "7", "--rate", "default"];
  const { code } = await headgate([...args, "--url", server.url]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), { max_concurrent: "auto", queue: 7, rate: null });
});

test("tail goes on after the last event when its connection is lost", async (t) => {
  const at = "2026-02-04T03:04:05Z";
  const state = {
    task_id: ID,
    status: "pending",
    reason: "queued",
    route: "r",
    at,
    method: "GET",
    path: "/x",
  };
  const told = `id: b-1\nevent: state\ndata: ${JSON.stringify(state)}\n\n`;
  const call = "GET /events?types=task&route=r&status=pending";
  const server = await startStandIn(t, { [call]: events(told) });
  const args = ["tail", "--route", "r", "--status", "pending", "--url", server.url];
  const plain = await headgate(args);
  assert.deepEqual([plain.code, plain.stdout], [0, `03:04:05  pending     ${ID}  r  GET /x\n`]);
  assert.match(plain.stderr, /the connection is lost/);
  assert.equal(server.seen.at(-1)?.headers["last-event-id"], "b-1");
  const { stdout } = await headgate([...args, "--json"]);
  assert.deepEqual(JSON.parse(stdout), { id: "b-1", event: "state", data: state });
});

test("all that was said comes out, however slow the reader", async (t) => {
  // More than the 64 KiB that a pipe holds.
  const task = taskWith({ status: "completed", result: "x".repeat(200_000) });
  const server = await startStandIn(t, { [`GET /task/${task.task_id}`]: json(task) });
  const { stdout } = await shell(
    `headgate status ${task.task_id} --url ${server.url} --json | { sleep 1; wc -c; }`,
  );
  assert.ok(Number(stdout) > 200_000, stdout);
});
