// How fast requests go to a target: by a rate, by what it asks for, by what it can bear; and whose come first.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Behaviour, status } from "../rig/behaviour.ts";
import { call, eventually, look, outcome, run, submit } from "../rig/client.ts";
import { laneOf, startFlow } from "../rig/flow.ts";
import { headerOf } from "../rig/target.ts";

/** A task through a lane that nothing holds takes a hundredth of this on a machine that is free. */
const HELD_UP_MS = 300;

/** Two clocks of one machine, one in whole milliseconds; one is set by what the network says. */
const CLOCKS_MS = 50;

test("a rate: never more in any second than it and its burst, and no slower than it", async (t) => {
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `
routes:
  - { match: /**, target: ${a}, name: all, rate: 50/s, burst: 5, max_concurrent: 50 }
  - { match: /ok/beside, target: ${a}, name: beside }
`,
  );
  // All are in line before the first goes: it is the rate that they wait for, not those that submit them.
  await call(url, { method: "POST", path: "/lanes/all/pause" });
  const ids = await Promise.all(Array.from({ length: 100 }, () => submit(url, { path: "/ok" })));
  await call(url, { method: "POST", path: "/lanes/all/resume" });
  // Beside them, one task after the other in a lane without a rate: where even that takes long, the machine was busy.
  let isOver = false;
  const heldUp = (async () => {
    let heldUpMs = 0;
    while (!isOver) {
      const before = performance.now();
      await run(url, { path: "/ok/beside" });
      heldUpMs += Math.max(0, performance.now() - before - HELD_UP_MS);
    }
    return heldUpMs;
  })();
  const tasks = await Promise.all(ids.map((id) => outcome(url, id)));
  isOver = true;
  // By the clock of Headgate, which lets them go: at the target, a moment in which this process is held up looks like a burst.
  const times = tasks.map(({ attempts: [first] }) => Date.parse(first!.started_at)).toSorted((a, b) => a - b);
  const tookMs = times.at(-1)! - times[0]!;
  const heldUpMs = await heldUp;
  t.diagnostic(`100 in ${tookMs} ms, held up for ${heldUpMs.toFixed()} ms`);
  assert.ok(tookMs >= 1_850, `100 in ${tookMs} ms`);
  assert.ok(tookMs <= 4_000 + heldUpMs, `100 in ${tookMs} ms, held up for ${heldUpMs.toFixed()} ms`);
  for (const [i, at] of times.entries()) {
    const within = times.slice(i).filter((other) => other < at + 1_000).length;
    assert.ok(within <= 50 + 5 + 2, `${within} within a second`);
  }
  // And none arrived before it was let go.
  const startOf = new Map(
    tasks.map(({ task_id, attempts: [first] }) => [task_id, Date.parse(first!.started_at)]),
  );
  const arrivals = targets[0]!.seen.filter(({ path }) => path === "/ok");
  assert.equal(arrivals.length, 100);
  for (const arrival of arrivals) {
    const sinceStartMs =
      performance.timeOrigin + arrival.at - startOf.get(headerOf(arrival, "headgate-task-id")!)!;
    assert.ok(sinceStartMs > -CLOCKS_MS, `${sinceStartMs} ms after its start`);
  }
});

test("Retry-After of a 429 holds the whole lane, and no other", async (t) => {
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `
targets: { pool: { urls: [${a}] } }
routes:
  - { match: /ok/limited, target: pool, name: limited }
  - { match: /ok/free, target: pool, name: free }
`,
  );
  const [target] = targets;
  target!.next(status(429, ["Retry-After", "4"]));
  const first = await submit(url, { path: "/ok/limited" });
  await target!.received(1);
  await eventually(
    async () => (await laneOf(url, "limited")).waiting_for?.reason,
    (reason) => reason === "retry_after",
  );
  const second = await submit(url, { path: "/ok/limited" });
  const { waiting_for } = await look(url, second);
  assert.equal(waiting_for?.reason, "retry_after");
  assert.ok(Date.parse(waiting_for.until!) > Date.now());
  await outcome(url, await submit(url, { path: "/ok/free" }));
  await outcome(url, first);
  await outcome(url, second);
  const [refused, free, ...later] = target!.seen;
  assert.equal(free!.path, "/ok/free");
  for (const { at } of later)
    assert.ok(at - refused!.at >= 3_900, `again after ${(at - refused!.at).toFixed()} ms`);
});

test("auto: the limit settles near what the target can bear", async (t) => {
  const bears = 6;
  let now = 0;
  const refusesMore: Behaviour = async (call) => {
    if (now >= bears) return status(429)(call);
    now += 1;
    await delay(20);
    now -= 1;
    await status(200)(call);
  };
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `
routes: [{ match: /**, target: ${a}, name: all, max_concurrent: auto, queue: 5000, retry: { attempts: 100, backoff: { initial: 10ms, max: 50ms } } }]
`,
  );
  targets[0]!.next(...Array.from({ length: 5_000 }, () => refusesMore));
  const ids = await Promise.all(Array.from({ length: 1_500 }, () => submit(url, { path: "/ok" })));
  for (const id of ids) assert.equal((await outcome(url, id)).status, "completed");
  const wasted = targets[0]!.seen.length / ids.length - 1;
  t.diagnostic(`${(wasted * 100).toFixed(1)} % of the requests were refused`);
  assert.ok(wasted < 0.25, `${wasted}`);
});

test("shares: B's ten do not stand behind A's ten thousand", async (t) => {
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `routes: [{ match: /**, target: ${a}, name: all, max_concurrent: 1, queue: 20000 }]`,
  );
  const [target] = targets;
  const from = (client: string, path: string): Promise<string> =>
    submit(url, { path, headers: ["Headgate-Client", client, "Token", client] });
  await from("A", "/slow");
  await target!.received(1);
  for (let i = 0; i < 100; i++)
    await Promise.all(Array.from({ length: 100 }, (_, j) => from("A", `/ok?${i}-${j}`)));
  const ids: string[] = [];
  for (let i = 0; i < 10; i++) ids.push(await from("B", `/ok?b${i}`));
  target!.release();
  for (const id of ids) await outcome(url, id);
  const order = target!.seen.map(({ token }) => token);
  const last = order.lastIndexOf("B");
  t.diagnostic(`the last of B's is number ${last + 1}`);
  assert.ok(last <= 1 + 20 + 1, `B's last was number ${last + 1}`);
  const ofB = target!.seen.filter(({ token }) => token === "B").map(({ path }) => path);
  assert.deepEqual(
    ofB,
    Array.from({ length: 10 }, (_, i) => `/ok?b${i}`),
    "in their order",
  );
});

test("shares are weighted as the file says", async (t) => {
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `
routes: [{ match: /**, target: ${a}, name: all, max_concurrent: 1, queue: 1000 }]
clients: { gold: { weight: 3 } }
`,
  );
  const [target] = targets;
  await submit(url, { path: "/slow" });
  await target!.received(1);
  const ids: string[] = [];
  for (let i = 0; i < 80; i++) {
    for (const client of ["gold", "plain"])
      ids.push(await submit(url, { path: "/ok", headers: ["Headgate-Client", client, "Token", client] }));
  }
  target!.release();
  for (const id of ids) await outcome(url, id);
  const gold = target!.seen.slice(1, 81).filter(({ token }) => token === "gold").length;
  assert.ok(gold >= 58 && gold <= 62, `${gold} of the first 80`);
});
