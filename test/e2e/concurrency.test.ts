// How many at once and in which order, as the target sees it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call, look, outcome, submit } from "../rig/client.ts";
import { type Gateway, type Owner, startGateway } from "../rig/gateway.ts";
import { type ScriptedTarget, startTarget } from "../rig/target.ts";

interface Stage {
  readonly target: ScriptedTarget;
  readonly gateway: Gateway;
  readonly url: URL;
}

async function stage(owner: Owner, ...args: readonly string[]): Promise<Stage> {
  const target = await startTarget();
  owner.after(() => target.close());
  const gateway = await startGateway(owner, {
    target: target.url,
    args: ["--max-queue-size", "1000", ...args],
  });
  return { target, gateway, url: gateway.url };
}

function submitAll(url: URL, count: number, path: string): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => submit(url, { path: `${path}?n=${i}` })));
}

for (const [args, cap] of [
  [["--max-concurrent", "3", "--num-workers", "20"], 3],
  [["--max-concurrent", "20", "--num-workers", "2"], 2],
  [[], 5],
] as const) {
  test(`never more than ${cap} at once with ${args.join(" ") || "the defaults"}, and never fewer than there could be`, async (t) => {
    const { target, gateway, url } = await stage(t, ...args);
    assert.match(gateway.output, new RegExp(`up to ${cap} at once`));
    const held = await submitAll(url, cap + 10, "/slow");
    await target.received(cap);
    const { tasks } = (await call(url, { path: "/stats" })).json<{ tasks: Record<string, number> }>();
    assert.deepEqual([tasks["processing"], tasks["pending"]], [cap, 10]);
    assert.equal(target.atOnce.now, cap);
    target.release();
    const quick = await submitAll(url, 300, "/ok");
    await Promise.all([...held, ...quick].map((id) => outcome(url, id)));
    assert.equal(target.atOnce.max, cap);
  });
}

test("the slot of an attempt that times out or breaks is used again, and the cap still holds", async (t) => {
  const { target, url } = await stage(
    t,
    "--max-concurrent",
    "4",
    "--num-workers",
    "4",
    "--task-timeout",
    "1s",
    "--max-attempts",
    "1",
  );
  const paths = ["/hang", "/reset-unanswered", "/ok", "/cut-chunk", "/trickle", "/informational"];
  const ids = await Promise.all(
    Array.from({ length: 60 }, (_, i) => submit(url, { path: paths[i % paths.length]! })),
  );
  for (const id of ids) await outcome(url, id);
  assert.equal(target.seen.length, 60);
  assert.equal(target.atOnce.max, 4);
});

test("first in, first out", async (t) => {
  const { target, url } = await stage(t, "--max-concurrent", "1");
  for (let i = 0; i < 50; i++) await submit(url, { path: i === 0 ? "/slow?n=0" : `/ok?n=${i}` });
  target.release();
  await target.received(50);
  assert.deepEqual(
    target.seen.map(({ path }) => Number(path.split("=")[1])),
    Array.from({ length: 50 }, (_, i) => i),
  );
});

test("higher priorities first, in order among themselves; the place in line says so", async (t) => {
  const { target, url } = await stage(t, "--max-concurrent", "1");
  await submit(url, { path: "/slow?n=first" });
  await target.received(1);
  const priorities = [0, 4, 9, 4, 9, 0];
  const ids: string[] = [];
  for (const [i, priority] of priorities.entries()) {
    ids.push(
      await submit(url, { path: `/ok?n=${priority}${i}`, headers: ["Headgate-Priority", String(priority)] }),
    );
  }
  const positions = await Promise.all(ids.map(async (id) => (await look(url, id)).position));
  assert.deepEqual(positions, [5, 3, 1, 4, 2, 6]);
  target.release();
  await target.received(7);
  assert.deepEqual(
    target.seen.slice(1).map(({ path }) => path.split("=")[1]),
    ["92", "94", "41", "43", "00", "05"],
  );
});

test("RFC 9218: Priority: u=0 is the most urgent, and is sent on", async (t) => {
  const { target, url } = await stage(t, "--max-concurrent", "1");
  await submit(url, { path: "/slow" });
  await target.received(1);
  await submit(url, { path: "/ok?n=usual" });
  await submit(url, { path: "/ok?n=urgent", headers: ["Priority", "u=0"] });
  target.release();
  const urgent = await target.received(2);
  assert.equal(urgent.path, "/ok?n=urgent");
  assert.equal(urgent.headers[urgent.headers.indexOf("Priority") + 1], "u=0");
});

test("a delayed task waits, does not hold up others, and is started when it is due", async (t) => {
  const { target, url } = await stage(t, "--max-concurrent", "1");
  const id = await submit(url, { path: "/ok?n=delayed", headers: ["Headgate-Delay", "4s"] });
  const delayed = await look(url, id);
  assert.deepEqual([delayed.status, delayed.reason, delayed.position], ["pending", "delayed", null]);
  await outcome(url, await submit(url, { path: "/ok?n=at-once" }));
  const { created_at, started_at } = await outcome(url, id);
  assert.ok(Date.parse(started_at!) - Date.parse(created_at) >= 4_000);
  assert.deepEqual(
    target.seen.map(({ path }) => path),
    ["/ok?n=at-once", "/ok?n=delayed"],
  );
});

test("who was not started in time is given up, unsent", async (t) => {
  const { target, url } = await stage(t, "--max-concurrent", "1");
  await submit(url, { path: "/slow" });
  await target.received(1);
  const task = await outcome(
    url,
    await submit(url, { path: "/ok", headers: ["Headgate-Start-Within", "50ms"] }),
  );
  assert.deepEqual([task.status, task.reason, task.attempts.length], ["failed", "expired_in_queue", 0]);
  assert.equal(target.seen.length, 1);
});
