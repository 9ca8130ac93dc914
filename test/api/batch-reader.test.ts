import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { type BatchReader, createBatchReader } from "../../src/api/batch-reader.ts";
import { readBatch, type Written } from "../../src/api/read-batch.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import { createManualClock } from "../lib/manual-clock.ts";

const clock = createManualClock();

function openReader(t: TestContext): BatchReader {
  const reader = createBatchReader(clock);
  // Nothing else keeps this process while the thread works: it has a server else.
  const alive = setInterval(() => {}, 1_000);
  t.after(async () => {
    clearInterval(alive);
    await reader.close();
  });
  return reader;
}

/** So large that the thread reads it. */
function padded(text: string): Buffer {
  return Buffer.from(text + " ".repeat(200_000));
}

function someone(): EventEmitter {
  return new EventEmitter();
}

function plain(requests: readonly Written[]): unknown {
  return requests.map(({ bytes, ...head }) => ({ ...head, bytes: Buffer.from(bytes).toString("latin1") }));
}

async function saidBy(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    assert.ok(error instanceof HeadgateError, String(error));
    const { code, message, field, index } = error;
    return { code, message, field, index };
  }
}

const SAYINGS: readonly string[] = [
  `{"requests":[{"path":"/a?b=1","body":{"z":12345678901234567890,"a":[1.0,-0,1E400,"ü\u2028😀"],"7":null}}]}`,
  String.raw`{"requests":[{"path":"/a","text":"\ud83d\ude00 \ud800 grüße","headers":{"X-A":["1","2"],"__proto__":"x"}}]}`,
  `{"requests":[{"path":"/a","method":"put","body_base64":"AAH/"},{"path":"/b","headers":{"content-type":"a/b"},"body":1}]}`,
  `{"requests":[${Array.from({ length: 1_000 }, (_, i) => `{"path":"/${i}","headers":{"X-Long":"${"x".repeat(700)}"},"body":${i}}`).join()}]}`,
  `{"requests":[{"path":"/a"},{"path":"/b","headers":{"X-A":1}}]}`,
  `{"requests":[{"path":"/a","headers":{"__proto__":{"a":"b"}}}]}`,
  `{"requests":[{"path":"/a"},{"path":"/b","headers":{"X-A":[${Array(257).fill('"a"').join()}]}}]}`,
  `{"requests":[{"path":"/a","headers":{"X-A":"${"a".repeat(40_000)}"}}]}`,
  `{"requests":[{"path":"/a","text":"1","body":2}]}`,
  `{"requests":[{"path":"/a","boddy":1}]}`,
  `{"requests":[]}`,
  `{"requests":[${Array(1_001).fill("0").join()}]}`,
  `[]`,
  `{`,
  ``,
];

describe("the thread says what is said without it", () => {
  for (const text of SAYINGS) {
    test(text.slice(0, 100), async (t) => {
      const reader = openReader(t);
      const here = await saidBy(() => plain(readBatch(text)));
      assert.deepEqual(await saidBy(async () => plain(await reader.read(padded(text), someone()))), here);
      if (text.length < 30_000) {
        const small = await saidBy(async () => plain(await reader.read(Buffer.from(text), someone())));
        assert.deepEqual(small, here);
      }
    });
  }
});

test("batches that come at once are each read", async (t) => {
  const reader = openReader(t);
  const read = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      i === 3
        ? saidBy(() => reader.read(padded("{"), someone()))
        : reader.read(padded(`{"requests":[{"path":"/${i}"}]}`), someone()),
    ),
  );
  assert.deepEqual(
    read.map((each) => (Array.isArray(each) ? (each as Written[])[0]?.path : "refused")),
    ["/0", "/1", "/2", "refused", "/4", "/5", "/6", "/7"],
  );
});

test("clients take turns, however many batches one of them has brought", async (t) => {
  const reader = openReader(t);
  const order: string[] = [];
  const read = async (name: string): Promise<void> => {
    await reader.read(padded(`{"requests":[{"path":"/a"}]}`), someone(), name);
    order.push(name);
  };
  await Promise.all(["a", "a", "a", "a", "b", "b", "c"].map(read));
  assert.deepEqual(order, ["a", "b", "c", "a", "b", "a", "a"]);
});

test("for who leaves before it is their turn nothing is read", async (t) => {
  const reader = openReader(t);
  const leaving = new EventEmitter();
  const first = reader.read(padded(`{"requests":[{"path":"/first"}]}`), someone());
  const second = reader.read(padded(`{"requests":[{"path":"/second"}]}`), leaving);
  leaving.emit("close");
  await assert.rejects(second, { code: "request_timeout" });
  assert.equal((await first)[0]?.path, "/first");
});

test("for who leaves while it is read it is not read to its end, and the next is", async (t) => {
  const reader = openReader(t);
  const leaving = new EventEmitter();
  const started = once(process, "worker");
  const first = reader.read(
    Buffer.from(`{"requests":[{"path":"/a","body":[1${",{}".repeat(2_000_000)}]}]}`),
    leaving,
  );
  const refused = assert.rejects(first, { code: "request_timeout" });
  const second = reader.read(padded(`{"requests":[{"path":"/second"}]}`), someone());
  const [worker] = (await started) as [NodeJS.EventEmitter];
  const ended = once(worker, "exit");
  leaving.emit("close");
  await refused;
  await ended;
  assert.equal((await second)[0]?.path, "/second");
});

test("the thread ends when it has had nothing to read, and another takes its place", async (t) => {
  const reader = openReader(t);
  for (const path of ["/one", "/two"]) {
    const started = once(process, "worker");
    assert.equal((await reader.read(padded(`{"requests":[{"path":"${path}"}]}`), someone()))[0]?.path, path);
    const [worker] = (await started) as [NodeJS.EventEmitter];
    const ended = once(worker, "exit");
    clock.advance(10_000);
    await ended;
  }
});

test("when it is closed nobody waits any longer", async (t) => {
  const reader = openReader(t);
  const waiting = [1, 2].map(() => reader.read(padded(`{"requests":[{"path":"/a"}]}`), someone()));
  const over = Promise.all(waiting.map((each) => saidBy(() => each)));
  await reader.close();
  const late = saidBy(() => reader.read(padded("{}"), someone()));
  for (const said of [...(await over), await late]) {
    assert.equal((said as HeadgateError).code, "shutting_down");
  }
  assert.equal(clock.timers, 0);
});

test("nesting has an end, with whatever numbers", () => {
  for (const inner of ["1", "1.0"]) {
    const body = (depth: number): string => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`;
    // The call, its list and the request are three levels.
    const [request] = readBatch(`{"requests":[{"path":"/a","body":${body(997)}}]}`);
    assert.equal(Buffer.from(request!.bytes).toString(), body(997));
    assert.throws(() => readBatch(`{"requests":[{"path":"/a","body":${body(998)}}]}`), {
      code: "invalid_request",
      message: /1000 levels/,
    });
  }
});
