import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createCacheKeys } from "../../src/target/cache-key.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import { hang, raw } from "../rig/behaviour.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";

const PUBLIC = "Cache-Control: public, max-age=60";

for (const name of ["Authorization", "Cookie", "Headgate-Key", "X-Api-Key", "X-Auth-Token"]) {
  test(`an answer to one ${name} is for no other, whatever the target says`, async (t) => {
    const { target, send, bytes } = await cacheStage(t, { cache: { defaultTtlMs: 60_000 } });
    target.next(raw(ok("for a", PUBLIC)), raw(ok("for b", PUBLIC)), raw(ok("for all", PUBLIC)));
    const a = { headers: [name, "a"] };
    const b = { headers: [name.toLowerCase(), "b"] };
    for (const request of [a, b, {}]) {
      assert.equal(cacheStatus(await send(request)), "headgate; fwd=uri-miss; stored");
    }
    assert.equal((await bytes(await send(a))).toString(), "for a");
    assert.equal((await bytes(await send(b))).toString(), "for b");
    assert.equal((await bytes(await send({}))).toString(), "for all");
    assert.equal(target.seen.length, 3);
  });
}

test("a private answer is kept for its credential, and for nobody without one", async (t) => {
  const { target, send } = await cacheStage(t);
  const answer = raw(ok("a", "Cache-Control: private, max-age=60"));
  target.next(answer, answer, answer);
  const a = { headers: ["Authorization", "a"] };
  await send(a);
  assert.match(cacheStatus(await send(a)) ?? "", /hit/);
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
});

test("with a credential only what is said to be fresh is kept", async (t) => {
  const { target, send } = await cacheStage(t, { cache: { defaultTtlMs: 60_000 } });
  target.next(raw(ok("a")), raw(ok("b", "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT")));
  const a = { headers: ["Cookie", "session=a"] };
  assert.equal(cacheStatus(await send(a)), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send(a)), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss; stored");
});

test("an answer that sets a cookie is kept for nobody", async (t) => {
  const { target, send } = await cacheStage(t);
  const answer = raw(ok("a", PUBLIC, "Set-Cookie: session=1"));
  target.next(answer, answer, answer, answer);
  for (const headers of [[], [], ["Authorization", "a"], ["Authorization", "a"]]) {
    assert.equal(cacheStatus(await send({ headers })), "headgate; fwd=uri-miss");
  }
});

test("requests with different credentials do not wait for each other", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(hang, hang);
  const abort = new AbortController();
  const sending = ["a", "b"].map((key) =>
    send({ headers: ["Authorization", key] }, { signal: abort.signal }),
  );
  await target.received(2);
  abort.abort("cancelled");
  assert.deepEqual(
    (await Promise.all(sending)).map(({ kind }) => kind),
    ["cancelled", "cancelled"],
  );
});

test("no credential stands in the cache's file", async (t) => {
  const { target, send, folder, restart } = await cacheStage(t);
  target.next(raw(ok("a", PUBLIC, "Vary: Authorization, Cookie")));
  await send({ headers: ["Authorization", "Bearer ver-y-secret", "Cookie", "id=ver-y-secret"] });
  restart();
  const file = await readFile(join(folder, "cache.db"), "latin1");
  assert.ok(file.includes("uthorization"));
  assert.ok(!file.includes("ver-y-secret"));
});

test("a preference that is configured to be a secret keeps clients apart, and stands in no file", async (t) => {
  const { target, send, bytes, folder, restart } = await cacheStage(t);
  const varying = (body: string): ReturnType<typeof raw> =>
    raw(ok(body, PUBLIC, "Vary: Referer, User-Agent"));
  target.next(varying("for a"), varying("for b"));
  const as = (who: string) => ({
    headers: ["Referer", `https://${who}/ver-y-secret`, "User-Agent", "shown"],
  });
  await send(as("a"));
  assert.equal((await bytes(await send(as("b")))).toString(), "for b");
  assert.equal((await bytes(await send(as("a")))).toString(), "for a");
  restart();
  const file = await readFile(join(folder, "cache.db"), "latin1");
  assert.ok(file.includes("shown"));
  assert.ok(!file.includes("ver-y-secret"));
});

test("an answer with a secret is kept for nobody, nor shared with those who wait", async (t) => {
  const { target, send, bytes, folder, restart } = await cacheStage(t);
  const answer = (body: string): ReturnType<typeof raw> => raw(ok(body, PUBLIC, `X-Session: ver-y-secret`));
  target.next(answer("first"), answer("second"), answer("third"));
  const both = await Promise.all([send(), send()]);
  const bodies = await Promise.all(both.map(async (each) => (await bytes(each)).toString()));
  assert.deepEqual(bodies.toSorted(), ["first", "second"]);
  assert.match(cacheStatus(await send()) ?? "", /fwd=/);
  restart();
  assert.ok(!(await readFile(join(folder, "cache.db"), "latin1")).includes("ver-y-secret"));
});

test("the file does not tell whose answers it holds to who does not have the key", () => {
  const partitions = new Set<string>();
  for (const key of [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]) {
    const { keyOf } = createCacheKeys({ key, isSecret: () => false });
    const request = { method: "GET", path: "/", headers: ["Cookie", "pin=1234"], body: EMPTY_BODY };
    partitions.add(keyOf(request, "url", "generation").partition);
  }
  assert.equal(partitions.size, 2);
});
