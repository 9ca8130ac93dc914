import assert from "node:assert/strict";
import { test } from "node:test";
import { raw, status } from "../rig/behaviour.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";

const FRESH = "Cache-Control: max-age=60";

const CLIENTS: readonly (readonly string[])[] = [
  [],
  ["Origin", "https://a.example"],
  ["X-Requested-With", "XMLHttpRequest"],
  ["Authorization", "a"],
  ["Authorization", "b", "X-Tenant", "b"],
];

for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
  test(`a ${method} makes the answers invalid that are kept for any client`, async (t) => {
    const { target, send } = await cacheStage(t);
    for (const headers of CLIENTS) {
      target.next(raw(ok("old", FRESH)));
      await send({ headers });
      assert.match(cacheStatus(await send({ headers })) ?? "", /hit/);
    }
    target.next(status(204));
    await send({ method });
    for (const headers of CLIENTS) {
      target.next(raw(ok("new", FRESH)));
      assert.equal(cacheStatus(await send({ headers })), "headgate; fwd=uri-miss; stored");
      assert.match(cacheStatus(await send({ headers })) ?? "", /hit/);
    }
  });
}

test("a write that fails, and one to another path, leave what is kept", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(raw(ok("a", FRESH)), status(500), status(204));
  await send({ path: "/a" });
  await send({ method: "PUT", path: "/a" });
  await send({ method: "PUT", path: "/b" });
  assert.match(cacheStatus(await send({ path: "/a" })) ?? "", /hit/);
});

test("what was kept by an earlier process is made invalid, also by a lane without a cache", async (t) => {
  const { target, send, lane, restart } = await cacheStage(t);
  const client = { headers: ["Origin", "https://a.example"] };
  target.next(raw(ok("old", FRESH)), status(204));
  await send(client);
  restart();
  await send({ method: "PUT" }, { lane: { ...lane, cache: null } });
  assert.equal(cacheStatus(await send(client)), "headgate; fwd=uri-miss");
});

test("what was made invalid stays so in the next process, and what was not is kept", async (t) => {
  const { target, send, restart } = await cacheStage(t);
  const client = { headers: ["Origin", "https://a.example"] };
  target.next(raw(ok("old", FRESH)), raw(ok("kept", FRESH)), status(204));
  await send({ ...client, path: "/a" });
  await send({ ...client, path: "/b" });
  await send({ method: "PUT", path: "/a" });
  restart();
  assert.equal(cacheStatus(await send({ ...client, path: "/a" })), "headgate; fwd=uri-miss");
  assert.match(cacheStatus(await send({ ...client, path: "/b" })) ?? "", /hit/);
});

test("an answer that was on its way during a write is not kept", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(async (call) => {
    await call.released;
    await raw(ok("old", FRESH))(call);
  }, status(204));
  const reading = send();
  await target.received(1);
  await send({ method: "PUT" });
  target.release();
  assert.equal(cacheStatus(await reading), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
});

test("a request after a write does not wait for an answer from before it", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  target.next(
    async (call) => {
      await call.released;
      await raw(ok("old"))(call);
    },
    status(204),
    raw(ok("new")),
  );
  const reading = send();
  await target.received(1);
  await send({ method: "PUT" });
  const after = await send();
  assert.equal((await bytes(after)).toString(), "new");
  target.release();
  await reading;
});

test("an answer is that of the targets that its pool had", async (t) => {
  const { target, send, identity, bytes, restart } = await cacheStage(t);
  target.next(raw(ok("a", FRESH)), raw(ok("b", FRESH)));
  await send();
  identity.now = "http://b";
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss; stored");
  assert.equal((await bytes(await send())).toString(), "b");
  restart();
  assert.equal((await bytes(await send())).toString(), "b");
  identity.now = "http://a";
  assert.equal((await bytes(await send())).toString(), "a");
  assert.equal(target.seen.length, 2);
});

test("more URLs than are remembered stay kept, and can be made invalid", async (t) => {
  const { target, send, restart } = await cacheStage(t);
  const client = { headers: ["Origin", "https://a.example"] };
  target.next(raw(ok("old", FRESH)), raw(ok("old", FRESH)));
  await send({ ...client, path: "/a" });
  await send({ ...client, path: "/b" });
  const asked = ["Cache-Control", "only-if-cached"];
  for (let i = 0; i < 10_001; i++) await send({ path: `/${i}`, headers: asked });
  assert.match(cacheStatus(await send({ ...client, path: "/a" })) ?? "", /hit/);
  target.next(status(204));
  await send({ method: "PUT", path: "/b" });
  assert.equal(cacheStatus(await send({ ...client, path: "/b" })), "headgate; fwd=uri-miss");
  restart();
  assert.match(cacheStatus(await send({ ...client, path: "/a" })) ?? "", /hit/);
});
