// A body that comes slowly outlives no key: who may is asked again when it is whole.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { call } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";
import { connectRaw, type RawAnswer } from "../rig/raw-client.ts";

const BOSS = "boss-0123456789abcdefgh";

interface Held {
  finish(): Promise<RawAnswer>;
}

/** Sends all but the end of a body, and has the server begin with it. */
async function hold(t: TestContext, url: URL, path: string, body: string, fields = ""): Promise<Held> {
  const client = await connectRaw(Number(url.port));
  t.after(() => client.socket.destroy());
  const head =
    `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n${fields}\r\n`;
  await client.send(head);
  assert.equal((await client.answer()).status, 100);
  await client.send(body.slice(0, 5));
  return {
    async finish() {
      await client.send(body.slice(5));
      return client.answer();
    },
  };
}

function post(url: URL, path: string, body: unknown, key?: string): ReturnType<typeof call> {
  const headers = ["Content-Type", "application/json", ...(key === undefined ? [] : ["Headgate-Key", key])];
  return call(url, { method: "POST", path, headers, body: JSON.stringify(body) });
}

function withKeys(t: TestContext): Promise<Flow> {
  return startFlow(
    t,
    1,
    (target) => `target: ${target}\nmax_attempts: 1\nkeys:\n  boss: {key: ${BOSS}, role: admin}\n`,
  );
}

function withoutKeys(t: TestContext): Promise<Flow> {
  return startFlow(t, 1, (target) => `target: ${target}\nmax_attempts: 1\n`);
}

async function names(url: URL, key: string): Promise<string[]> {
  const answer = await call(url, { path: "/keys", headers: ["Headgate-Key", key] });
  return answer.json<{ keys: { name: string }[] }>().keys.map(({ name }) => name);
}

test("a key that was removed while the body came does nothing more", async (t) => {
  const { url, targets } = await withKeys(t);
  const { key } = (await post(url, "/keys", { name: "evil", role: "admin" }, BOSS)).json<{ key: string }>();
  const field = `Headgate-Key: ${key}\r\n`;
  const held = [
    await hold(t, url, "/keys", '{"name":"back","role":"admin"}', field),
    await hold(t, url, "/tasks/batch", '{"requests":[{"path":"/x"}]}', field),
    await hold(t, url, "/tasks/cancel", '{"all":true}', field),
    await hold(t, url, "/x", '{"a":1,"b":2}', field),
  ];
  const removed = await call(url, { method: "DELETE", path: "/keys/evil", headers: ["Headgate-Key", BOSS] });
  assert.equal(removed.status, 200);
  for (const each of held) assert.equal((await each.finish()).status, 401);
  assert.deepEqual(await names(url, BOSS), ["boss"]);
  const tasks = await call(url, { path: "/tasks", headers: ["Headgate-Key", BOSS] });
  assert.deepEqual(tasks.json<{ tasks: unknown[] }>().tasks, []);
  assert.equal(targets[0]!.seen.length, 0);
});

test("a key that is still there submits however slowly", async (t) => {
  const { url } = await withKeys(t);
  const held = await hold(t, url, "/x", '{"a":1,"b":2}', `Headgate-Key: ${BOSS}\r\n`);
  assert.equal((await held.finish()).status, 202);
});

test("who began without a key goes on without one only as long as there is none", async (t) => {
  const { url, targets } = await withoutKeys(t);
  const intruder = '{"name":"intruder","role":"admin"}';
  const held = [
    await hold(t, url, "/keys", intruder),
    await hold(t, url, "/keys", intruder, "X-Forwarded-For: 203.0.113.9\r\n"),
    await hold(t, url, "/tasks/cancel", '{"all":true}'),
    await hold(t, url, "/x", '{"a":1,"b":2}'),
  ];
  const first = await post(url, "/keys", { name: "owner", role: "admin" });
  assert.equal(first.status, 201);
  for (const each of held) assert.equal((await each.finish()).status, 401);
  assert.deepEqual(await names(url, first.json<{ key: string }>().key), ["owner"]);
  assert.equal(targets[0]!.seen.length, 0);
});

test("of many first keys at once one is made", async (t) => {
  const { url } = await withoutKeys(t);
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, i) => post(url, "/keys", { name: `key-${i}`, role: "admin" })),
  );
  const made = answers.filter(({ status }) => status === 201);
  assert.equal(made.length, 1);
  assert.equal(answers.filter(({ status }) => status === 401).length, 4);
  assert.equal((await names(url, made[0]!.json<{ key: string }>().key)).length, 1);
});

test("of two admins that remove each other at once, one stays", async (t) => {
  const { url } = await withoutKeys(t);
  const make = async (name: string, by?: string): Promise<string> =>
    (await post(url, "/keys", { name, role: "admin" }, by)).json<{ key: string }>().key;
  const one = await make("one");
  const two = await make("two", one);
  const remove = (name: string, by: string): ReturnType<typeof call> =>
    call(url, { method: "DELETE", path: `/keys/${name}`, headers: ["Headgate-Key", by] });
  const [first, second] = await Promise.all([remove("two", one), remove("one", two)]);
  assert.equal([first, second].filter(({ status }) => status === 200).length, 1);
  assert.equal((await call(url, { path: "/keys" })).status, 401);
});
