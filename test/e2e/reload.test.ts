// The file is read again while everything runs: on change, and on SIGHUP.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call, eventually, look, outcome, run, submit } from "../rig/client.ts";
import { laneOf, startFlow } from "../rig/flow.ts";
import type { Gateway } from "../rig/gateway.ts";

function said(gateway: Gateway, words: RegExp): Promise<unknown> {
  return eventually(
    () => gateway.output,
    (output) => words.test(output),
  );
}

test("a changed file is taken up without losing a task, also when a route has gone", async (t) => {
  const before = (a: string, b: string): string => `
routes:
  - { match: /slow/**, target: ${a}, name: slow, max_concurrent: 1 }
  - { match: /ok/**, target: ${b}, name: old }
`;
  const { targets, gateway, url } = await startFlow(t, 2, before);
  const [first, second] = targets;
  const running = await submit(url, { path: "/slow?1" });
  await first!.received(1);
  const waiting = await submit(url, { path: "/slow?2" });
  await call(url, { method: "POST", path: "/lanes/old/pause" });
  const orphans: string[] = [];
  for (let i = 0; i < 20; i++) orphans.push(await submit(url, { path: `/ok?n=${i}` }));

  await gateway.rewrite(`
routes:
  - { match: /slow/**, target: ${second!.url.origin}, name: slow, max_concurrent: 2 }
  - { match: /ok/**, target: ${first!.url.origin}, name: new, max_concurrent: 1 }
`);
  await said(gateway, /configuration reloaded/);
  for (const id of orphans)
    assert.deepEqual([(await outcome(url, id)).route, (await look(url, id)).status], ["new", "completed"]);
  assert.deepEqual(
    first!.seen.filter(({ path }) => path.startsWith("/ok")).map(({ path }) => path),
    orphans.map((_, i) => `/ok?n=${i}`),
    "in their order, at the new target",
  );
  assert.equal(
    (await second!.received(1)).path,
    "/slow?2",
    "the lane's limit has grown, and its target changed",
  );
  first!.release();
  second!.release();
  for (const id of [running, waiting]) assert.equal((await outcome(url, id)).status, "completed");
  assert.equal((await laneOf(url, "slow")).limit, 2);
});

test("a bad file keeps the old one, and says what is wrong and where", async (t) => {
  const good = (a: string): string => `routes:\n  - { match: /ok/**, target: ${a}, name: fine }\n`;
  const { targets, gateway, url } = await startFlow(t, 1, good);
  const a = targets[0]!.url.origin;
  await gateway.rewrite(`routes:\n  - match: /ok/**\n    target: ${a}\n    max_concurent: 3\n`);
  await said(gateway, /headgate\.yaml:4: routes\[0\]\.max_concurent.*did you mean max_concurrent/);
  assert.equal((await run(url, { path: "/ok" })).route, "fine");
  await gateway.rewrite(`routes:\n  - { match: /ok/**, target: ${a}, name: better }\n`);
  await said(gateway, /configuration reloaded/);
  assert.equal((await run(url, { path: "/ok" })).route, "better");
});

test("SIGHUP reads it again, and what needs a restart is named", async (t) => {
  const { targets, gateway, url } = await startFlow(
    t,
    1,
    (a) => `target: ${a}\nmax_concurrent: 3\nnum_workers: 50\n`,
  );
  await gateway.rewrite(
    `target: ${targets[0]!.url.origin}\nmax_concurrent: 7\nnum_workers: 50\nmax_body: 1MB\n`,
  );
  gateway.kill("SIGHUP");
  await said(gateway, /max-body/);
  await eventually(
    async () => (await laneOf(url, "default")).limit,
    (limit) => limit === 7,
  );
  assert.equal((await run(url, { path: "/ok" })).status, "completed");
});

test("reloading again and again under load loses nothing and doubles nothing", async (t) => {
  const file = (name: string, limit: number, a: string): string =>
    `routes:\n  - { match: /ok/**, target: ${a}, name: ${name}, max_concurrent: ${limit}, queue: 5000 }\n`;
  const { targets, gateway, url } = await startFlow(t, 1, (a) => file("r0", 5, a));
  const a = targets[0]!.url.origin;
  const ids: string[] = [];
  for (let round = 1; round <= 8; round++) {
    ids.push(
      ...(await Promise.all(
        Array.from({ length: 100 }, (_, i) => submit(url, { path: `/ok?${round}-${i}` })),
      )),
    );
    await gateway.rewrite(file(`r${round}`, (round % 3) + 1, a));
    await eventually(
      async () => (await call(url, { path: "/lanes" })).text,
      (text) => text.includes(`"r${round}"`),
    );
  }
  for (const id of ids) assert.equal((await outcome(url, id)).status, "completed");
  assert.equal(targets[0]!.seen.length, ids.length);
  assert.ok(targets[0]!.atOnce.max <= 5);
});
