import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { readBody } from "../../src/intake/body.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type { BodySink } from "../../src/store/store.ts";

function arrange(write: BodySink["write"] = () => undefined, finish?: BodySink["finish"]) {
  const time = { ms: 0 };
  const clock: Clock = { now: () => time.ms, monotonicMs: () => time.ms, after: () => () => {} };
  const stream = Object.assign(new PassThrough(), { headers: {} });
  const abortedAtMs: number[] = [];
  const sink: BodySink = {
    write,
    finish: finish ?? (async () => ({ kind: "empty" })),
    abort: async () => void abortedAtMs.push(time.ms),
  };
  const body = readBody(stream as unknown as IncomingMessage, () => sink, clock);
  body.catch(() => {});
  return { body, stream, time, abortedAtMs };
}

test("a trickle is cut: slow on average, however regular", async () => {
  const { body, stream, time, abortedAtMs } = arrange();
  stream.on("data", () => (time.ms += 1_000));
  for (let i = 0; i < 100; i++) stream.write("x");
  await assert.rejects(body, { code: "request_timeout" });
  assert.deepEqual(abortedAtMs, [30_000 + 1_000]);
});

test("time in which the sink had no room does not count against the client", async () => {
  const room = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let writes = 0;
  const { body, stream, time, abortedAtMs } = arrange(() => {
    if (++writes > 1) return undefined;
    asked.resolve();
    return room.promise;
  });
  stream.write("x");
  await asked.promise;
  time.ms = 3_600_000;
  room.resolve();
  stream.end("y");
  assert.deepEqual(await body, { kind: "empty" });
  assert.deepEqual([writes, abortedAtMs.length], [2, 0]);
});

test("a sink that fails while it makes room ends the upload with that failure", async () => {
  const { body, stream, abortedAtMs } = arrange(() => Promise.reject(new Error("no room")));
  stream.write("x");
  await assert.rejects(body, /no room/);
  assert.equal(abortedAtMs.length, 1);
});

test("a sink that cannot finish is aborted", async () => {
  const { body, stream, abortedAtMs } = arrange(undefined, () => Promise.reject(new Error("fsync")));
  stream.end("x");
  await assert.rejects(body, /fsync/);
  assert.equal(abortedAtMs.length, 1);
});
