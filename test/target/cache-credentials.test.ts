import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
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
