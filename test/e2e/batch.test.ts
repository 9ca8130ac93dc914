// Many requests in one call.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import {
  type BatchView,
  batchOutcome,
  bodiesIn,
  post,
  type Problem,
  submitBatch,
  type Submitted,
  submittedBatch,
} from "../rig/batch.ts";
import { call, look, outcome, stats, submit, type TaskView } from "../rig/client.ts";
import { startFlow } from "../rig/flow.ts";
import { startGateway } from "../rig/gateway.ts";
import { headerOf, startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const gateway = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "2"] });
const { url } = gateway;

test("each request of a batch is what it would be by itself", async () => {
  const before = target.seen.length;
  const large = "x".repeat(200_000);
  const {
    batch_id: id,
    count,
    task_ids: ids,
    data,
  } = await submittedBatch(url, [
    { path: "/echo/json?a=1", body: { big: 1, list: [null, "ü"] }, headers: { "X-One": ["a", "b"] } },
    { method: "PUT", path: "/echo/text", text: "grüße", headers: { "Headgate-Label": "kind=text" } },
    { path: "/echo/bytes", body_base64: "AAH/", headers: { "content-type": "application/x-own" } },
    { method: "get", path: "/echo/none", headers: { "Headgate-Priority": "9", Authorization: "Bearer t" } },
    { path: "/echo/large", text: large },
  ]);
  assert.deepEqual([count, ids.length, new Set(ids).size], [5, 5, 5]);
  assert.deepEqual(data, { batch_id: id, status_url: `/batches/${id}`, tasks_url: `/tasks?batch=${id}` });
  const over = await batchOutcome(url, id);
  assert.deepEqual(
    [over.size, over.percent, over.tasks["completed"], over.tasks["deleted"]],
    [5, 100, 5, 0],
    JSON.stringify(over),
  );
  assert.ok(Date.parse(over.completed_at!) >= Date.parse(over.created_at));

  const seen = new Map(target.seen.slice(before).map((request) => [request.path, request]));
  const json = seen.get("/echo/json?a=1")!;
  assert.deepEqual([json.method, headerOf(json, "content-type")], ["POST", "application/json"]);
  assert.deepEqual(
    json.headers.filter((_, i) => json.headers[i - 1] === "X-One"),
    ["a", "b"],
  );
  assert.equal(headerOf(json, "content-length"), String(Buffer.byteLength('{"big":1,"list":[null,"ü"]}')));
  assert.equal(headerOf(seen.get("/echo/text")!, "content-type"), "text/plain; charset=utf-8");
  const bytes = seen.get("/echo/bytes")!;
  assert.deepEqual(
    [headerOf(bytes, "content-type"), headerOf(bytes, "content-length")],
    ["application/x-own", "3"],
  );
  const none = seen.get("/echo/none")!;
  assert.deepEqual(
    [none.method, headerOf(none, "authorization"), headerOf(none, "content-type")],
    ["GET", "Bearer t", null],
  );
  for (const request of seen.values()) {
    assert.equal(headerOf(request, "x-forwarded-for"), "127.0.0.1");
    assert.equal(headerOf(request, "host"), target.url.host);
  }
  const tasks = await Promise.all(ids.map((each) => look(url, each)));
  assert.deepEqual(
    tasks.map(({ path }) => path),
    ["/echo/json?a=1", "/echo/text", "/echo/bytes", "/echo/none", "/echo/large"],
  );
  assert.deepEqual([tasks[3]!.priority, (tasks[4]!.result as { sizeBytes: number }).sizeBytes], [9, 200_000]);

  const list = (await call(url, { path: data.tasks_url })).json<{
    tasks: readonly (TaskView & { batch_id: string })[];
  }>();
  assert.deepEqual(list.tasks.map(({ task_id }) => task_id).toReversed(), ids);
  assert.ok(list.tasks.every(({ batch_id }) => batch_id === id));
  const labelled = await call(url, { path: `/tasks?batch=${id}&label=kind%3Dtext` });
  assert.equal(labelled.json<{ count: number }>().count, 1);
});

test("numbers that JavaScript has not come through as they are", async () => {
  const text = '{"requests":[{"path":"/echo/n","body":{"id":12345678901234567890,"f":1.0,"e":1E400}}]}';
  const answer = await post(url, "/tasks/batch", text);
  assert.equal(answer.status, 202, answer.text);
  const [id = ""] = answer.json<Submitted>().task_ids;
  const { sha256 } = (await outcome(url, id)).result as { sha256: string };
  const sent = '{"id":12345678901234567890,"f":1.0,"e":1E400}';
  assert.equal(sha256, createHash("sha256").update(sent).digest("hex"));
});

test("a thousand in one call, in their order", async (t) => {
  const own = await startTarget();
  t.after(() => own.close());
  const { url } = await startGateway(t, {
    target: own.url,
    args: ["--max-concurrent", "1", "--max-queue-size", "1000"],
  });
  const requests = Array.from({ length: 1_000 }, (_, i) => ({ path: `/ok?n=${i}`, body: { i } }));
  const { batch_id: id } = (await submitBatch(url, requests)).json<Submitted>();
  await own.received(1_000);
  assert.deepEqual(
    own.seen.map(({ path }) => path),
    requests.map(({ path }) => path),
  );
  const view = (await call(url, { path: `/batches/${id}?wait=30` })).json<BatchView>();
  assert.deepEqual([view.size, view.tasks["completed"]], [1_000, 1_000]);
  assert.equal((await submitBatch(url, [...requests, requests[0]])).status, 400);
});

test("one bad request: none is stored, and it is named", async () => {
  const accepted = (await stats(url)).totals["accepted"];
  const files = await bodiesIn(gateway);
  const good = { path: "/ok", text: "x".repeat(100_000) };
  const cases: readonly [unknown, string, number?][] = [
    [{ path: "ok" }, "path"],
    [{ path: "//evil/x" }, "path"],
    [{ path: "/a\r\nHost: evil" }, "path"],
    [{ path: "/a#b" }, "path"],
    [{ path: "/task/1" }, "path"],
    [{ path: "/tasks/batch" }, "path"],
    [{ path: 7 }, "path"],
    [{}, "path"],
    [{ path: "/ok", method: "CONNECT" }, "method"],
    [{ path: "/ok", method: "BREW" }, "method"],
    [{ path: "/ok", headers: { "Headgate-Delay": "soon" } }, "headers.Headgate-Delay"],
    [{ path: "/ok", headers: { "Headgate-Prioritty": "1" } }, "headers.Headgate-Prioritty"],
    [{ path: "/ok", headers: { "Headgate-Callback": "http://127.0.0.1/" } }, "headers.Headgate-Callback"],
    [{ path: "/ok", headers: { "Content-Length": "3" } }, "headers.Content-Length"],
    [{ path: "/ok", headers: { transfer_encoding: "chunked" } }, "headers.transfer_encoding"],
    [{ path: "/ok", headers: { Host: "evil" } }, "headers.Host"],
    [{ path: "/ok", headers: { "X-Forwarded-For": "10.0.0.1" } }, "headers.X-Forwarded-For"],
    [{ path: "/ok", headers: { "X-A": "a\r\nX-B: b" } }, "headers.X-A"],
    [{ path: "/ok", headers: { "X-A": "a\0b" } }, "headers.X-A"],
    [{ path: "/ok", headers: { "X A": "a" } }, "headers.X A"],
    [{ path: "/ok", headers: { "X-A": 1 } }, "headers.X-A"],
    [{ path: "/ok", headers: { "X-A": "a".repeat(40_000) } }, "headers", 431],
    [{ path: "/ok", body: 1, text: "2" }, ""],
    [{ path: "/ok", body_base64: "?" }, "body_base64"],
    [{ path: "/ok", boddy: 1 }, "boddy"],
    ["/ok", ""],
  ];
  for (const [bad, member, code = 400] of cases) {
    const answer = await submitBatch(url, [good, good, bad, good]);
    const field = `requests[2]${member === "" ? "" : `.${member}`}`;
    assert.equal(answer.status, code, `${JSON.stringify(bad)} ${answer.text}`);
    const problem = answer.json<Problem>();
    assert.deepEqual([problem.field, problem.index], [field, 2], answer.text);
  }
  for (const body of ["", "{", "[]", "{}", '{"requests":[]}', '{"requests":{}}', '{"requests":[],"x":1}']) {
    const answer = await post(url, "/tasks/batch", body);
    assert.equal(answer.status, 400, `${body} ${answer.text}`);
  }
  const plain = await call(url, {
    method: "POST",
    path: "/tasks/batch",
    body: "{}",
    headers: ["Content-Type", "text/plain"],
  });
  assert.equal(plain.status, 415);
  const huge = await submitBatch(url, [{ path: "/ok", text: "x".repeat(9_000_000) }]);
  assert.deepEqual([huge.status, huge.json<Problem>().code], [413, "body_too_large"]);
  assert.equal((await stats(url)).totals["accepted"], accepted);
  assert.equal(await bodiesIn(gateway), files);
});

test("not room for all: none is stored, and the first without room is named", async (t) => {
  const flow = await startFlow(
    t,
    1,
    (target) => `
target: ${target}
routes:
  - { name: narrow, match: [/hang/**, /ok/narrow], queue: 3, max_concurrent: 1 }
  - { name: wide, match: /** }
`,
  );
  const held = await submit(flow.url, { path: "/hang/narrow" });
  await flow.targets[0]!.received(1);
  const wide = { path: "/ok/wide" };
  const narrow = { path: "/ok/narrow", text: "y".repeat(100_000) };
  const queued = await submit(flow.url, { path: "/ok/narrow" });
  const refused = await submitBatch(flow.url, [wide, narrow, narrow, narrow, wide]);
  const problem = refused.json<Problem>();
  assert.deepEqual([refused.status, problem.code, problem.index], [503, "queue_full", 3], refused.text);
  assert.ok(Number(refused.headers["retry-after"]) >= 1);
  const never = await submitBatch(flow.url, [wide, narrow, narrow, narrow, wide, narrow]);
  assert.deepEqual([never.status, never.json<Problem>().index], [400, 5], never.text);
  assert.equal((await stats(flow.url)).totals["accepted"], 2);
  assert.equal(await bodiesIn(flow.gateway), 0);
  await call(flow.url, { method: "POST", path: `/task/${queued}/cancel` });
  const fits = await submitBatch(flow.url, [wide, narrow, narrow, narrow]);
  assert.equal(fits.status, 202, fits.text);
  await call(flow.url, { method: "POST", path: `/task/${held}/cancel` });
  const { batch_id: id } = fits.json<Submitted>();
  assert.equal(
    (await call(flow.url, { path: `/batches/${id}?wait=30` })).json<BatchView>().tasks["completed"],
    4,
  );
});

test("a batch that comes again under its key is the one before", async () => {
  const requests = [{ path: "/ok?batch=1" }, { path: "/ok?batch=2", text: "z".repeat(100_000) }];
  const key = ["Idempotency-Key", "batch-1"];
  const files = await bodiesIn(gateway);
  const answers = await Promise.all(Array.from({ length: 20 }, () => submitBatch(url, requests, key)));
  const first = answers[0]!.json<Submitted>();
  for (const answer of answers) {
    const { batch_id: id, task_ids: ids } = answer.json<Submitted>();
    assert.deepEqual([answer.status, id, ids], [202, first.batch_id, first.task_ids], answer.text);
  }
  assert.equal(answers.filter(({ headers }) => headers["idempotent-replayed"] === "true").length, 19);
  assert.equal(await bodiesIn(gateway), files + 1);
  const other = await submitBatch(url, [requests[0]], key);
  assert.deepEqual([other.status, other.json<Problem>().code], [422, "idempotency_mismatch"]);
  // What a key means for a batch it does not mean for a request.
  assert.equal((await call(url, { method: "POST", path: "/ok", headers: key, body: "" })).status, 202);
});

test("unknown batches are 404, deleted tasks are counted", async () => {
  const unknown = await call(url, { path: "/batches/01900000-0000-7000-8000-000000000000" });
  assert.deepEqual([unknown.status, unknown.json<Problem>().code], [404, "not_found"]);
  assert.equal((await call(url, { path: "/batches/x" })).status, 400);
  const { batch_id: id, task_ids: ids } = await submittedBatch(url, [{ path: "/ok" }, { path: "/ok" }]);
  await batchOutcome(url, id);
  await call(url, { method: "DELETE", path: `/task/${ids[0]}` });
  assert.deepEqual((await batchOutcome(url, id)).tasks, {
    pending: 0,
    processing: 0,
    completed: 1,
    failed: 0,
    cancelled: 0,
    deleted: 1,
  });
  await call(url, { method: "DELETE", path: `/task/${ids[1]}` });
  assert.equal((await call(url, { path: `/batches/${id}` })).status, 404);
});
