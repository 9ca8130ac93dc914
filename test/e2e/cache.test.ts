// Answers that are kept for others, and requests that share one call.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Behaviour, status } from "../rig/behaviour.ts";
import { type Answer, call, outcome, submit } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";

function fresh(text: string, ...headers: readonly string[]): Behaviour {
  return status(200, ["Cache-Control", "public, max-age=60", "X-Answer", text, ...headers]);
}

async function result(url: URL, path: string, headers: readonly string[] = []): Promise<Answer> {
  const id = await submit(url, { method: "GET", path, headers });
  assert.equal((await outcome(url, id)).status, "completed");
  return call(url, { path: `/task/${id}/result` });
}

function start(t: Parameters<typeof startFlow>[0], cache: string): Promise<Flow> {
  return startFlow(
    t,
    1,
    (a) => `routes: [{ match: /**, target: ${a}, name: all, max_concurrent: 100, cache: ${cache} }]`,
  );
}

test("a fresh answer is given again without asking the target, and says so", async (t) => {
  const { targets, url } = await start(t, "{ ttl: from_headers }");
  targets[0]!.next(fresh("first"));
  const first = await result(url, "/ok/a");
  assert.match(String(first.headers["cache-status"]), /^headgate; fwd=uri-miss; stored/);
  const second = await result(url, "/ok/a");
  assert.match(String(second.headers["cache-status"]), /^headgate; hit/);
  assert.deepEqual([second.headers["x-answer"], second.text], ["first", first.text]);
  assert.equal(targets[0]!.seen.length, 1);
  await result(url, "/ok/a", ["Headgate-Cache", "no-store"]);
  assert.equal(targets[0]!.seen.length, 2);
});

test("a credential never sees another credential's answer", async (t) => {
  const { targets, url } = await start(t, "{ ttl: 5m }");
  const [target] = targets;
  for (const [name, value] of [
    ["Authorization", "Bearer"],
    ["Cookie", "session="],
  ] as const) {
    target!.next(fresh(`${name} alice`), fresh(`${name} bob`));
    const as = async (who: string): Promise<unknown> =>
      (await result(url, `/ok/${name}`, [name, `${value} ${who}`])).headers["x-answer"];
    assert.equal(await as("alice"), `${name} alice`);
    assert.equal(await as("bob"), `${name} bob`);
    assert.equal(await as("alice"), `${name} alice`);
  }
});

test("identical requests under way share one call", async (t) => {
  const { targets, url } = await start(t, "{ ttl: from_headers, coalesce: true }");
  const [target] = targets;
  target!.next(async (each) => {
    await each.released;
    await fresh("shared")(each);
  });
  const ids = await Promise.all(
    Array.from({ length: 50 }, () => submit(url, { method: "GET", path: "/ok/same" })),
  );
  await target!.received(1);
  target!.release();
  const answers: Answer[] = [];
  for (const id of ids) {
    await outcome(url, id);
    answers.push(await call(url, { path: `/task/${id}/result` }));
  }
  assert.ok(answers.every(({ headers }) => headers["x-answer"] === "shared"));
  assert.equal(target!.seen.length, 1);
  const statuses = answers.map(({ headers }) => String(headers["cache-status"]));
  assert.ok(
    statuses.some((each) => each.includes("collapsed")),
    statuses.join(", "),
  );
});

test("a POST is never cached", async (t) => {
  const { targets, url } = await start(t, "{ ttl: 5m }");
  for (let i = 0; i < 2; i++) await outcome(url, await submit(url, { path: "/ok", body: "x" }));
  assert.equal(targets[0]!.seen.length, 2);
});
