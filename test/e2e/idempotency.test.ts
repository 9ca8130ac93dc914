// Requests that come again under an Idempotency-Key: one task, whatever happens.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Answer, call, eventually, outcome, type ProblemView, stats } from "../rig/client.ts";
import { type Gateway, startGateway } from "../rig/gateway.ts";
import { headerOf, type ScriptedTarget, startTarget } from "../rig/target.ts";

async function start(
  t: { after(clean: () => Promise<void>): void },
  args: readonly string[] = [],
): Promise<{ gateway: Gateway; target: ScriptedTarget }> {
  const target = await startTarget();
  t.after(() => target.close());
  return { target, gateway: await startGateway(t, { target: target.url, args }) };
}

function post(
  { url }: Gateway,
  key: string,
  body: string | Buffer = "once",
  { path = "/ok", headers = [] as readonly string[] } = {},
): Promise<Answer> {
  return call(url, { method: "POST", path, headers: ["Idempotency-Key", key, ...headers], body });
}

function replayed({ headers }: Answer): boolean {
  return headers["idempotent-replayed"] === "true";
}

test("a hundred at once: one task, one id, ninety-nine replays", async (t) => {
  const { gateway, target } = await start(t);
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(gateway, "hundred")));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  assert.equal(new Set(answers.map((answer) => answer.json().task_id)).size, 1);
  assert.equal(answers.filter(replayed).length, 99);
  await outcome(gateway.url, answers[0]!.json().task_id);
  assert.equal(target.seen.length, 1);
  assert.equal(headerOf(target.seen[0]!, "idempotency-key"), "hundred");
  assert.equal((await stats(gateway.url)).totals["accepted"], 1);
});

test("bodies in files: the duplicates' leave none", async (t) => {
  const { gateway } = await start(t);
  const large = Buffer.alloc(300_000, "x");
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(gateway, "large", large)));
  assert.equal(new Set(answers.map((answer) => answer.json().task_id)).size, 1);
  assert.equal(answers.filter(replayed).length, 9);
  const other = Buffer.from(large);
  other[299_999] = 0;
  assert.equal((await post(gateway, "large", other)).status, 422);
  assert.equal((await readdir(join(gateway.dataDir, "bodies"))).length, 1);
});

test("another request under the key is refused; another client's, lane's or no key is another task", async (t) => {
  const { gateway } = await start(t);
  const first = await post(gateway, "same");
  for (const other of [
    post(gateway, "same", "twice"),
    post(gateway, "same", "once", { path: "/ok?page=2" }),
    call(gateway.url, { method: "PUT", path: "/ok", headers: ["Idempotency-Key", "same"], body: "once" }),
  ]) {
    const answer = await other;
    const { code, field } = answer.json<ProblemView>();
    assert.deepEqual([answer.status, code, field], [422, "idempotency_mismatch", "Idempotency-Key"]);
  }
  const ours = ["Headgate-Idempotency-Key", "same"];
  const named = await call(gateway.url, { method: "POST", path: "/ok", headers: ours, body: "twice" });
  assert.equal(named.json<ProblemView>().field, "Headgate-Idempotency-Key", named.text);
  const quoted = await post(gateway, '"same"');
  assert.deepEqual([quoted.json().task_id, replayed(quoted)], [first.json().task_id, true]);
  const foreign = await post(gateway, "same", "once", { headers: ["Headgate-Client", "somebody"] });
  assert.notEqual(foreign.json().task_id, first.json().task_id);
  assert.equal(replayed(foreign), false);
  assert.equal((await post(gateway, "one, two")).status, 400);
});

test("over a restart, and with what has become of the task", async (t) => {
  const { gateway } = await start(t);
  const first = await post(gateway, "restart");
  const { task_id: id } = first.json();
  await outcome(gateway.url, id);
  gateway.kill("SIGKILL");
  await gateway.restart();
  const again = await post(gateway, "restart");
  assert.deepEqual([again.status, replayed(again)], [202, true]);
  const receipt = again.json();
  assert.deepEqual([receipt.task_id, receipt.status, receipt.success], [id, "completed", true]);
  assert.equal(again.headers["location"], `/task/${id}`);

  await call(gateway.url, { method: "DELETE", path: `/task/${id}` });
  const gone = await post(gateway, "restart");
  assert.deepEqual([gone.status, gone.json<ProblemView>().code], [410, "gone"]);
});

test("with Prefer: wait a duplicate gets the answer itself, also of a task that has ended", async (t) => {
  const { gateway, target } = await start(t);
  const wait = { path: "/slow", headers: ["Prefer", "wait=20"] };
  const first = post(gateway, "wait", "once", wait);
  await target.received(1);
  const second = post(gateway, "wait", "once", wait);
  target.release();
  const answers = [await first, await second, await post(gateway, "wait", "once", wait)];
  assert.deepEqual(
    answers.map(({ status, text }) => [status, text]),
    answers.map(() => [200, answers[0]!.text]),
  );
  assert.deepEqual(answers.map(replayed), [false, true, true]);
  assert.equal(new Set(answers.map(({ headers }) => headers["headgate-task-id"])).size, 1);
  assert.equal(target.seen.length, 1);
});

test("a full queue: a duplicate is answered, and a key that was turned away is not burned", async (t) => {
  const args = ["--max-concurrent", "1", "--max-queue-size", "1"];
  const { gateway, target } = await start(t, args);
  const running = await call(gateway.url, { method: "POST", path: "/slow" });
  await target.received(1);
  const waiting = await post(gateway, "waits");
  const refused = await post(gateway, "refused");
  assert.deepEqual([refused.status, refused.json<ProblemView>().code], [503, "queue_full"]);
  const again = await post(gateway, "waits");
  assert.deepEqual([again.status, again.json().task_id], [202, waiting.json().task_id]);

  target.release();
  await outcome(gateway.url, running.json().task_id);
  await outcome(gateway.url, waiting.json().task_id);
  const late = await post(gateway, "refused", "other bytes are fine");
  assert.deepEqual([late.status, replayed(late)], [202, false]);
});

test("a key is forgotten when its time is over", async (t) => {
  const { gateway } = await start(t, ["--idempotency-ttl", "1s"]);
  const first = await post(gateway, "short");
  const expires = Date.parse((await outcome(gateway.url, first.json().task_id)).created_at) + 1_000;
  const again = await eventually(
    () => post(gateway, "short"),
    (answer) => !replayed(answer),
  );
  assert.ok(Date.now() >= expires);
  assert.notEqual(again.json().task_id, first.json().task_id);
});
