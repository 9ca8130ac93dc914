import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openCacheStore } from "../../src/target/cache-store.ts";
import { raw } from "../rig/behaviour.ts";
import { startStopwatch } from "../rig/stopwatch.ts";
import { cacheStage, cacheStatus, ok } from "./cache-stage.ts";

const FRESH = "Cache-Control: max-age=60";

test("an answer too large for memory is kept, as a file of each task's own", async (t) => {
  const { target, send, bytes, files } = await cacheStage(t);
  const text = "0123456789".repeat(20_000);
  target.next(raw(ok(text, FRESH)));
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss; stored");
  const second = await send();
  assert.match(cacheStatus(second) ?? "", /hit/);
  assert.ok((await bytes(second)).equals(Buffer.from(text)));
  assert.equal((await files()).length, 2);
  assert.equal(target.seen.length, 1);
});

test("an answer of more than 256 KiB is handed on and not kept", async (t) => {
  const { target, send, bytes } = await cacheStage(t);
  const text = "x".repeat(256 * 1024 + 1);
  target.next(raw(ok(text, FRESH)));
  const exchange = await send();
  assert.equal(cacheStatus(exchange), "headgate; fwd=uri-miss");
  assert.equal((await bytes(exchange)).length, text.length);
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
});

test("limits of the plain way hold", async (t) => {
  const { send } = await cacheStage(t, { maxResponseBytes: 10 });
  assert.equal((await send({ path: "/stream/11" })).kind, "too_large");
  for (const path of ["/trickle", "/trickle-head", "/informational-trickle", "/hang"]) {
    const took = startStopwatch();
    const exchange = await send({ path }, { timeoutMs: 100 });
    assert.ok(took() < 350, path);
    assert.equal(exchange.kind === "answered" ? "answered" : "ended", "ended", path);
  }
  assert.equal((await send({ path: "/informational" })).kind, "unknown");
});

test("an answer that broke off is not kept", async (t) => {
  const { target, send } = await cacheStage(t);
  target.next(raw(`HTTP/1.1 200 OK\r\n${FRESH}\r\nContent-Length: 10\r\n\r\n012`));
  assert.equal((await send({}, { timeoutMs: 1_000 })).kind, "unknown");
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
});

test("a broken file is begun anew, and said once", async (t) => {
  const { target, send, errors } = await cacheStage(t, {
    prepare: (folder) => writeFile(join(folder, "cache.db"), "this is no database".repeat(1_000)),
  });
  target.next(raw(ok("a", FRESH)));
  await send();
  assert.match(cacheStatus(await send()) ?? "", /hit/);
  assert.equal(errors.length, 1);
});

test("where there can be no file nothing is kept, and everything is answered", async (t) => {
  const { target, send, errors } = await cacheStage(t, {
    prepare: async (folder) => {
      await mkdir(join(folder, "cache.db"));
    },
  });
  target.next(raw(ok("a", FRESH)), raw(ok("b", FRESH)));
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
  assert.equal(cacheStatus(await send()), "headgate; fwd=uri-miss");
  assert.equal(errors.length, 1);
});

test("a file that breaks while it is open fails no request", async (t) => {
  const { target, send, errors, folder } = await cacheStage(t);
  target.next(raw(ok("a", FRESH)));
  await send({ path: "/a" });
  await writeFile(join(folder, "cache.db"), Buffer.alloc(8_192, "x"));
  await writeFile(join(folder, "cache.db-wal"), Buffer.alloc(8_192, "x"));
  for (const path of ["/a", "/b", "/b"]) {
    target.next(raw(ok("b", FRESH)));
    assert.equal((await send({ path })).kind, "answered");
  }
  assert.ok(errors.length <= 1);
});

test("a cache that has grown to its limit begins anew", async (t) => {
  const { folder } = await cacheStage(t);
  const store = openCacheStore({
    isSecret: () => false,
    path: join(folder, "small.db"),
    onError: assert.fail,
    maxFileBytes: 100_000,
  });
  t.after(() => store.close());
  const key = (path: string) => {
    const origin = `${path}.${store.generationOf(path)}.everybody`;
    return { origin, method: "GET", path, headers: {} };
  };
  const now = Date.now();
  for (let i = 0; i < 40; i++) {
    const stream = store.shared.createWriteStream(key(`/${i}`), {
      statusCode: 200,
      statusMessage: "",
      headers: {},
      cacheControlDirectives: { "max-age": 60 },
      cachedAt: now,
      staleAt: now + 60_000,
      deleteAt: now + 60_000,
    });
    assert.ok(stream);
    await new Promise((resolve) => stream.end(Buffer.alloc(50_000, i), () => resolve(null)));
  }
  const kept = Array.from({ length: 40 }, (_, i) => store.shared.get(key(`/${i}`))).filter(Boolean);
  assert.ok(kept.length < 40);
  assert.ok(store.shared.get(key("/39")));
});
