// What a task waits for, as its client sees it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { status } from "../rig/behaviour.ts";
import { call, eventually, look, run, submit, type TaskView } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const { url } = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "1"] });

const waitingFor = async (id: string): Promise<TaskView["waiting_for"]> => (await look(url, id)).waiting_for;

test("metrics count what happened", async () => {
  const count = async (series: string): Promise<number> => {
    const { text } = await call(url, { path: "/metrics" });
    const line = text.split("\n").find((each) => each.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1) ?? 0);
  };
  const completed = 'headgate_tasks_total{lane="default",event="completed"}';
  const answered = 'headgate_attempts_total{lane="default",outcome="answered"}';
  const before = [await count(completed), await count(answered)];
  for (let i = 0; i < 3; i++) await run(url, { path: "/ok" });
  // A task is over in the store a moment before that is announced.
  await eventually(
    () => count(completed),
    (now) => now === before[0]! + 3,
  );
  assert.equal(await count(answered), before[1]! + 3);
  const { href } = target.url;
  const times = `headgate_target_seconds_count{target="${href.replace(/\/$/, "")}"}`;
  assert.ok((await count(times)) >= 3);
  assert.equal(await count('headgate_queue_size{lane="default"}'), 0);
});

test("a slot, a time and another try, each with its end as far as it is known", async () => {
  const seen = target.seen.length;
  const running = await submit(url, { path: "/hang" });
  await target.received(seen + 1);
  const waiting = await submit(url, { path: "/ok" });
  assert.equal(await waitingFor(running), null);
  assert.deepEqual(await waitingFor(waiting), { reason: "lane_limit", until: null });

  const delayed = await call(url, {
    method: "PATCH",
    path: `/task/${waiting}`,
    headers: ["Content-Type", "application/json"],
    body: '{"delay_seconds":3600}',
  });
  const { reason, until } = delayed.json().waiting_for ?? assert.fail(delayed.text);
  assert.equal(reason, "not_before");
  const aheadMs = Date.parse(until ?? "") - Date.now();
  assert.ok(aheadMs > 3_500_000 && aheadMs <= 3_600_000, String(until));
  await call(url, { method: "POST", path: `/task/${running}/cancel` });
  await call(url, { method: "POST", path: `/task/${waiting}/cancel` });
  assert.equal(await waitingFor(waiting), null);

  target.next(status(503, ["Retry-After", "60"]));
  const retried = await submit(url, { path: "/ok" });
  const again = await eventually(
    () => waitingFor(retried),
    (hold) => hold?.reason === "retry_backoff",
  );
  assert.ok(Date.parse(again?.until ?? "") - Date.now() > 50_000, String(again?.until));
  await call(url, { method: "POST", path: `/task/${retried}/cancel` });
});
