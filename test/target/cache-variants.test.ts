import assert from "node:assert/strict";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { test } from "node:test";
import { openCacheStore } from "../../src/target/cache-store.ts";
import { raw } from "../rig/behaviour.ts";
import { computedMs } from "../rig/stopwatch.ts";
import { type CacheStage, cacheStage, cacheStatus, ok } from "./cache-stage.ts";

const FIELDS = ["Cache-Control: max-age=60", "Vary: User-Agent"];

function sendAs({ send }: CacheStage, agent: number): ReturnType<CacheStage["send"]> {
  return send({ headers: ["User-Agent", `agent/${agent}`] });
}

async function fill(stage: CacheStage, agents: number, bytes: number): Promise<void> {
  for (let agent = 0; agent < agents; agent++) {
    stage.target.next(raw(ok("x".repeat(bytes), ...FIELDS)));
    assert.equal(cacheStatus(await sendAs(stage, agent)), "headgate; fwd=miss; stored");
  }
}

/** Which of these have an answer kept for them; without asking a target. */
async function kept({ send }: CacheStage, agents: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const exchange = await send({
      headers: ["User-Agent", `agent/${agent}`, "Cache-Control", "only-if-cached"],
    });
    if (cacheStatus(exchange)?.startsWith("headgate; hit")) found.push(agent);
  }
  return found;
}

test("however many variants clients make of a URL, few are kept and a hit is quick", async (t) => {
  const stage = await cacheStage(t);
  await fill(stage, 400, 100_000);
  const found = await kept(stage, 400);
  assert.ok(found.length > 0 && found.length <= 8, `${found.length} kept`);
  assert.equal(found.at(-1), 399);
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    // All of it is done by this thread, which others may keep from its processor.
    const before = computedMs();
    assert.match(cacheStatus(await sendAs(stage, 399)) ?? "", /hit/);
    times.push(computedMs() - before);
  }
  const median = times.toSorted((a, b) => a - b)[10] ?? Infinity;
  assert.ok(median < 20, `${median} ms`);
});

test("eight variants stay, also when they are asked about and written anew", async (t) => {
  const stage = await cacheStage(t);
  await fill(stage, 8, 10);
  for (let round = 0; round < 3; round++) {
    for (let agent = 0; agent < 8; agent++) {
      stage.target.next(raw(ok("again", ...FIELDS)));
      const headers = ["User-Agent", `agent/${agent}`, "Cache-Control", "no-cache"];
      assert.match(cacheStatus(await stage.send({ headers })) ?? "", /fwd=request; stored/);
    }
  }
  assert.deepEqual(await kept(stage, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("the bound outlives the process, and so do the answers until there is one more", async (t) => {
  const stage = await cacheStage(t);
  await fill(stage, 8, 10);
  stage.restart();
  assert.equal((await kept(stage, 8)).length, 8);
  stage.target.next(raw(ok("one more", ...FIELDS)));
  await sendAs(stage, 8);
  assert.deepEqual(await kept(stage, 9), [8]);
});

test("variants that are written at once are bounded, too, and the next has room again", async () => {
  const store = openCacheStore({ path: null, isSecret: () => false, onError: assert.fail });
  const now = Date.now();
  const origin = `url.${store.generationOf("url")}.everybody`;
  const keyOf = (agent: string) => ({ origin, method: "GET", path: "/", headers: { "user-agent": agent } });
  const write = (agent: string): Writable | undefined =>
    store.shared.createWriteStream(keyOf(agent), {
      statusCode: 200,
      statusMessage: "",
      headers: {},
      vary: { "user-agent": agent },
      cacheControlDirectives: { "max-age": 60 },
      cachedAt: now,
      staleAt: now + 60_000,
      deleteAt: now + 60_000,
    });
  const agents = Array.from({ length: 40 }, (_, i) => `agent/${i}`);
  const streams = agents.map(write).filter((stream) => stream !== undefined);
  assert.equal(streams.length, 8);
  const [broken, ...others] = streams;
  broken?.destroy();
  for (const stream of others) stream.end("body");
  await Promise.all(streams.map((stream) => once(stream, "close")));
  assert.equal(agents.filter((agent) => store.shared.get(keyOf(agent))).length, 7);
  for (const agent of ["next", "last"]) {
    const stream = write(agent);
    assert.ok(stream);
    await once(stream.end("body"), "close");
  }
  assert.deepEqual(
    [...agents, "next", "last"].filter((agent) => store.shared.get(keyOf(agent))),
    ["last"],
  );
  store.close();
});

test("other URLs and other clients have variants of their own", async (t) => {
  const stage = await cacheStage(t);
  stage.target.next(raw(ok("a", ...FIELDS)), raw(ok("b", ...FIELDS)));
  await stage.send({ path: "/other" });
  await stage.send({ headers: ["Authorization", "a"] });
  await fill(stage, 20, 10);
  assert.match(cacheStatus(await stage.send({ path: "/other" })) ?? "", /hit/);
  assert.match(cacheStatus(await stage.send({ headers: ["Authorization", "a"] })) ?? "", /hit/);
});
