import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { HeadgateError } from "../../src/lib/error.ts";
import { exchange, type RawClient } from "../rig/raw-client.ts";
import { clientFor, gateFor, type GateSettings } from "./gate.ts";

const POST = "POST /x HTTP/1.1\r\nHost: a\r\n";
const TEN_MB = 10_000_000;

function refuseCallback(): never {
  throw new HeadgateError("invalid_request", "No.", { field: "Headgate-Callback" });
}

describe("an unwanted body of 10 MB", () => {
  const refusals: readonly [string, GateSettings, number][] = [
    ["a full lane", { lane: { maxQueueSize: 0 }, intake: { maxBodyBytes: 1e9 } }, 503],
    ["a body over the limit", {}, 413],
    ["a callback that is none", { intake: { maxBodyBytes: 1e9, callbacksFor: refuseCallback } }, 400],
  ];
  for (const [name, settings, status] of refusals) {
    test(`${name}: the answer comes before any of it is sent`, async (t) => {
      const gate = await gateFor(t, settings);
      const client = await clientFor(t, gate);
      await client.send(`${POST}Content-Length: ${TEN_MB}\r\n\r\n`);
      const answer = await client.answer();
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("connection"), "close");
      assert.equal(gate.sinks.length, 0);
    });

    test(`${name}: a client that sends all of it first still gets the answer, not a reset`, async (t) => {
      const gate = await gateFor(t, settings);
      const client = await clientFor(t, gate);
      await client.send(`${POST}Content-Length: ${TEN_MB}\r\n\r\n`);
      await client.send(Buffer.alloc(TEN_MB));
      assert.equal((await client.answer()).status, status);
      assert.equal(await client.rest(), "");
      assert.equal(gate.sinks.length, 0);
    });

    test(`${name}: curl reports the answer`, async (t) => {
      const gate = await gateFor(t, settings);
      const url = `http://127.0.0.1:${gate.port}/x`;
      const curl = promisify(execFile)("curl", [
        "-sS",
        "-w",
        "%{http_code}",
        "-H",
        "Expect:",
        "--data-binary",
        "@-",
        url,
      ]);
      curl.child.stdin?.on("error", () => {});
      curl.child.stdin?.end(Buffer.alloc(TEN_MB));
      const { stdout, stderr } = await curl;
      assert.ok(stdout.endsWith(`}${status}`), stdout);
      assert.equal(stderr, "");
    });
  }
});

describe("a body that grows over the limit on its way", () => {
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;

  test("is refused with 413, and what was received is dropped", async (t) => {
    const gate = await gateFor(t, { intake: { maxBodyBytes: 100_000 } });
    const answer = await exchange(
      gate.port,
      `${POST}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`,
    );
    assert.equal(answer.status, 413);
    assert.equal(answer.headers.get("connection"), "close");
    assert.equal(gate.sinks[0]?.end, "aborted");
    assert.equal(gate.admission.pending("default"), 0);
    assert.deepEqual(gate.tasks, []);
  });

  test("also when it never ends", async (t) => {
    const gate = await gateFor(t, { intake: { maxBodyBytes: 100_000 } });
    const client = await clientFor(t, gate);
    await client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}`);
    assert.equal((await client.answer()).status, 413);
    assert.equal(gate.sinks[0]?.end, "aborted");
  });
});

test("slow uploads keep nobody out: a place is taken when a body is whole, as long as there is one", async (t) => {
  const gate = await gateFor(t, { lane: { maxQueueSize: 2 } });
  const uploads = [await clientFor(t, gate), await clientFor(t, gate)];
  for (const upload of uploads) {
    await upload.send(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    assert.equal((await upload.answer()).status, 100);
  }
  assert.equal((await exchange(gate.port, `${POST}Content-Length: 2\r\n\r\nhi`)).status, 202);
  for (const [index, upload] of uploads.entries()) {
    await upload.send("hello");
    assert.equal((await upload.answer()).status, index === 0 ? 202 : 503);
  }
  assert.equal(gate.discarded.length, 1);
});

describe("a client that leaves", () => {
  for (const [how, leave] of [
    ["with a reset", (client: RawClient) => client.vanish()],
    ["in peace", async (client: RawClient) => client.end()],
  ] as const) {
    test(`in the middle of its upload, ${how}: nothing is left`, async (t) => {
      const begun = Promise.withResolvers<void>();
      const gate = await gateFor(t, {
        room() {
          begun.resolve();
          return undefined;
        },
      });
      const client = await clientFor(t, gate);
      await client.send(`${POST}Content-Length: 100000\r\n\r\n${"x".repeat(50_000)}`);
      await begun.promise;
      await leave(client);
      await gate.sinks[0]?.over;
      await setImmediate();
      assert.equal(gate.sinks[0]?.end, "aborted");
      assert.deepEqual([gate.tasks, gate.events], [[], []]);
      assert.equal(gate.admission.pending("default"), 0);
    });
  }

  test("after its upload, before there is a task: there will be none", async (t) => {
    const finished = Promise.withResolvers<void>();
    const gate = await gateFor(t, { finished: finished.promise });
    const client = await clientFor(t, gate);
    await client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
    while (gate.sinks.length === 0) await setImmediate();
    await gate.sinks[0]?.over;
    await client.vanish();
    await gate.left;
    finished.resolve();
    await setImmediate();
    assert.deepEqual([gate.tasks.length, gate.discarded.length], [0, 1]);
    assert.equal(gate.admission.pending("default"), 0);
  });

  test("before the first byte of its body: there was never a task", async (t) => {
    const gate = await gateFor(t);
    const client = await clientFor(t, gate);
    await client.send(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    assert.equal((await client.answer()).status, 100);
    await client.vanish();
    await gate.left;
    assert.deepEqual(gate.tasks, []);
    assert.equal(gate.admission.pending("default"), 0);
  });
});

test("a slow sink slows the client: no more is taken in than the buffers on the way hold", async (t) => {
  const room = Promise.withResolvers<void>();
  const full = Promise.withResolvers<void>();
  const gate = await gateFor(t, {
    intake: { maxBodyBytes: 200_000_000 },
    room(receivedBytes) {
      if (receivedBytes < 100_000) return undefined;
      full.resolve();
      return room.promise;
    },
  });
  const client = await clientFor(t, gate);
  const size = 20_000_000;
  await client.send(`${POST}Content-Length: ${size}\r\n\r\n`);
  const sent = client.send(Buffer.alloc(size));
  await full.promise;
  // Many turns in which a socket that is still read would go on delivering.
  for (let i = 0; i < 200; i++) await setImmediate();
  assert.ok((gate.sinks[0]?.receivedBytes ?? size) < 300_000, `${gate.sinks[0]?.receivedBytes}`);
  assert.ok(client.socket.writableLength > 0, "the client still has bytes to send");
  room.resolve();
  await sent;
  assert.equal((await client.answer()).status, 202);
  assert.equal(gate.sinks[0]?.receivedBytes, size);
});
