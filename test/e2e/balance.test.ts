// Several targets behind one route: who gets what, and what happens when one of them breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Behaviour, echo, rawThen, status } from "../rig/behaviour.ts";
import { eventually, outcome, run, submit } from "../rig/client.ts";
import { metric, startFlow, targetsOf } from "../rig/flow.ts";

async function submitAll(url: URL, count: number, path: (i: number) => string): Promise<void> {
  const ids = await Promise.all(Array.from({ length: count }, (_, i) => submit(url, { path: path(i) })));
  for (const id of ids) assert.equal((await outcome(url, id)).status, "completed");
}

test("round robin by weight", async (t) => {
  const { targets, url } = await startFlow(
    t,
    3,
    (a, b, c) => `
targets: { pool: { urls: [{ url: ${a}, weight: 3 }, ${b}, ${c}] } }
routes: [{ match: /**, target: pool }]
`,
  );
  await submitAll(url, 100, () => "/ok");
  assert.deepEqual(
    targets.map(({ seen }) => seen.length),
    [60, 20, 20],
  );
});

test("least busy: a slow target gets what it can take, the quick one the rest", async (t) => {
  const { targets, url } = await startFlow(
    t,
    2,
    (a, b) => `
targets: { pool: { urls: [${a}, ${b}], balance: least_busy } }
routes: [{ match: /**, target: pool, max_concurrent: 6 }]
`,
  );
  const [slow, quick] = targets;
  const whenReleased: Behaviour = async (call) => {
    await call.released;
    await echo(call);
  };
  slow!.next(...Array.from({ length: 20 }, () => whenReleased));
  const ids = await Promise.all(Array.from({ length: 46 }, () => submit(url, { path: "/ok" })));
  await quick!.received(40);
  assert.ok(slow!.seen.length <= 4, String(slow!.seen.length));
  slow!.release();
  for (const id of ids) assert.equal((await outcome(url, id)).status, "completed");
});

test("hash: one key always meets the same target", async (t) => {
  const { targets, url } = await startFlow(
    t,
    3,
    (...urls) => `
targets: { pool: { urls: [${urls.join(", ")}], balance: hash, hash_by: "header:Token" } }
routes: [{ match: /**, target: pool }]
`,
  );
  const ids: string[] = [];
  for (let i = 0; i < 60; i++)
    ids.push(await submit(url, { path: "/ok", headers: ["Token", `user-${i % 12}`] }));
  for (const id of ids) await outcome(url, id);
  const homes = new Map<string, Set<number>>();
  for (const [i, target] of targets.entries()) {
    for (const { token } of target.seen) homes.set(token!, (homes.get(token!) ?? new Set()).add(i));
  }
  assert.ok([...homes.values()].every(({ size }) => size === 1));
  assert.ok(targets.filter(({ seen }) => seen.length > 0).length >= 2);
});

test("a target's own limit holds over all routes, as it counts", async (t) => {
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `
targets: { pool: { urls: [{ url: ${a}, max_concurrent: 3 }] } }
routes:
  - { match: /ok/a, target: pool, name: a, max_concurrent: 10, queue: 500 }
  - { match: /ok/b, target: pool, name: b, max_concurrent: 10, queue: 500 }
  - { match: /slow, target: pool, name: c, max_concurrent: 10 }
`,
  );
  const [target] = targets;
  const held = await Promise.all(Array.from({ length: 5 }, () => submit(url, { path: "/slow" })));
  await target!.received(3);
  assert.equal((await targetsOf(url))[0]!.in_flight, 3);
  target!.release();
  await submitAll(url, 200, (i) => (i % 2 === 0 ? "/ok/a" : "/ok/b"));
  for (const id of held) await outcome(url, id);
  assert.equal(target!.atOnce.max, 3);
});

test("what never left goes to another target at once, within the same attempt", async (t) => {
  const { targets, url } = await startFlow(
    t,
    2,
    (a, b) => `
targets: { pool: { urls: [${a}, ${b}], circuit: { failures: 0 } } }
routes: [{ match: /**, target: pool, retry: off }]
`,
  );
  await targets[0]!.close();
  for (let i = 0; i < 10; i++) {
    const { status, attempts } = await run(url, { path: "/ok" });
    assert.deepEqual(
      [status, attempts.length, attempts[0]?.target],
      ["completed", 1, targets[1]!.url.origin],
    );
  }
  assert.equal(targets[1]!.seen.length, 10);
});

/** Of five at once, two come again before the third failure is counted. */
const AT_OPENING = 5 + 2;

test("a circuit opens, spares the target, lets one probe through, and closes; all of it is seen", async (t) => {
  const { targets, gateway, url } = await startFlow(
    t,
    1,
    (a) => `
targets: { pool: { urls: [${a}], circuit: { failures: 3, open: 400ms } } }
routes: [{ match: /**, target: pool, max_concurrent: 5, retry: { attempts: 30, backoff: { initial: 1ms, max: 20ms } } }]
`,
  );
  const [target] = targets;
  target!.always(status(502));
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, i) => submit(url, { method: "PUT", path: `/ok?n=${i}` })),
  );
  const open = await eventually(
    async () => ({ askedAt: Date.now(), ...(await targetsOf(url))[0]! }),
    ({ circuit }) => circuit.state === "open",
  );
  assert.ok(open.circuit.failures >= 3 && Date.parse(open.circuit.until!) >= open.askedAt);
  assert.equal(await metric(url, `headgate_target_up{pool="pool",target="${target!.url.origin}"}`), 0);
  await target!.received(9);
  const times = target!.seen.map(({ at }) => at);
  target!.always(null);
  // Three failures and what was on its way with the third; from then on a probe after each time of rest.
  for (const [i, at] of times.entries()) {
    const restMs = i < AT_OPENING ? Infinity : at - times[i - 1]!;
    assert.ok(restMs >= 390, `number ${i + 1} came ${restMs.toFixed()} ms after the one before`);
  }
  for (const id of ids) assert.equal((await outcome(url, id)).status, "completed");
  assert.equal((await targetsOf(url))[0]!.circuit.state, "closed");
  const changes = gateway.log.filter(
    ({ from, to }) => from !== undefined && ["open", "half_open", "closed"].includes(String(to)),
  );
  assert.ok(changes.length >= 3, JSON.stringify(changes));
});

test("health checks take a target out and bring it back", async (t) => {
  const { targets, url } = await startFlow(
    t,
    2,
    (a, b) => `
targets:
  pool: { urls: [${a}, ${b}], health: { path: /status/200, interval: 50ms, timeout: 30s, unhealthy_after: 2, healthy_after: 2 } }
routes: [{ match: /**, target: pool }]
`,
  );
  const [sick, well] = targets;
  const healthyOf = async (): Promise<readonly (boolean | null)[]> =>
    (await targetsOf(url)).map(({ healthy }) => healthy);
  await eventually(healthyOf, (healthy) => healthy.every((each) => each === true));
  sick!.always(status(500));
  await eventually(healthyOf, ([first]) => first === false);
  const work = (target: typeof sick): number => target!.seen.filter(({ path }) => path === "/ok").length;
  for (let i = 0; i < 5; i++) await run(url, { path: "/ok" });
  assert.deepEqual([work(sick), work(well)], [0, 5]);
  sick!.always(null);
  await eventually(healthyOf, ([first]) => first === true);
  for (let i = 0; i < 4; i++) await run(url, { path: "/ok" });
  assert.ok(work(sick) > 0);
});

test("an outage ends without a storm: retries stay a small share of what the target gets", async (t) => {
  const { targets, url } = await startFlow(
    t,
    1,
    (a) => `
targets: { pool: { urls: [${a}], circuit: { failures: 0 }, retry_budget: 10% } }
routes: [{ match: /**, target: pool, max_concurrent: 8, queue: 2000, retry: { attempts: 50, backoff: { initial: 1ms, max: 2ms } } }]
`,
  );
  const [target] = targets;
  target!.next(...Array.from({ length: 400 }, () => rawThen("close")));
  const ids = await Promise.all(
    Array.from({ length: 200 }, (_, i) => submit(url, { method: "PUT", path: `/ok?n=${i}` })),
  );
  await eventually(
    () => new Set(target!.seen.map(({ path }) => path)).size,
    (first) => first === 200,
  );
  const { seen } = target!;
  const retries = seen.length - 200;
  // Besides their share there are ten in reserve, for every ten seconds.
  const reserves = 1 + Math.ceil((seen.at(-1)!.at - seen[0]!.at) / 10_000);
  assert.ok(retries <= 200 * 0.1 + 10 * reserves, `${retries} retries of 200 requests`);
  assert.equal(ids.length, 200);
});
