import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { identify, readIdempotencyKey } from "../../src/intake/idempotency.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import type { Body } from "../../src/task/task.ts";
import { clientFor, gateFor, type GateSettings } from "./gate.ts";

describe("the field", () => {
  const KEYS: readonly [string, string][] = [
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    [String.raw`"a \"b\" \\c"`, String.raw`a "b" \c`],
    ["order:17/2+x=", "order:17/2+x="],
    ["k".repeat(255), "k".repeat(255)],
  ];
  for (const [field, key] of KEYS) {
    test(`${field.slice(0, 40)} is a key`, () => assert.equal(readIdempotencyKey(field), key));
  }

  test("none, no key", () => assert.equal(readIdempotencyKey(undefined), null));

  const MALFORMED = [
    "",
    '""',
    "two words",
    "one, two",
    '"one", "two"',
    '"open',
    '"a"b',
    String.raw`"a\b"`,
    "ключ",
    "k".repeat(256),
    "a\tb",
  ];
  for (const field of MALFORMED) {
    test(`${JSON.stringify(field.slice(0, 40))} is refused by name`, () => {
      assert.throws(() => readIdempotencyKey(field), { code: "invalid_request", field: "Idempotency-Key" });
    });
  }
});

describe("what makes a request the same", () => {
  const BYTES = new Uint8Array(Buffer.from("hello"));
  const INLINE: Body = { kind: "inline", bytes: BYTES };

  function identity(changes: { method?: string; url?: string; client?: string; lane?: string } = {}) {
    const { method = "POST", url = "/x?y=1", client = "c", lane = "l" } = changes;
    const found = identify({ method, url, headers: { "idempotency-key": "k" } }, client, lane);
    assert.ok(found);
    return found;
  }

  test("method, path with query, and body; nothing else", () => {
    const prints = [
      identity().fingerprint(INLINE),
      identity({ method: "PUT" }).fingerprint(INLINE),
      identity({ url: "/x?y=2" }).fingerprint(INLINE),
      identity().fingerprint({ kind: "inline", bytes: new Uint8Array(Buffer.from("hellp")) }),
      identity().fingerprint({ kind: "empty" }),
    ];
    assert.equal(new Set(prints).size, prints.length);
    assert.equal(identity({ client: "d", lane: "m" }).fingerprint(INLINE), prints[0]);
  });

  test("a body that was streamed to a file is hashed as it passed", async () => {
    const streamed = identity();
    const written: Uint8Array[] = [];
    const sink = streamed.through({
      write: (chunk) => void written.push(chunk),
      finish: async () => ({ kind: "file", name: "f", sizeBytes: 5 }),
      abort: async () => {},
    });
    void sink.write(BYTES.subarray(0, 2));
    void sink.write(BYTES.subarray(2));
    const print = streamed.fingerprint(await sink.finish());
    assert.equal(print, identity().fingerprint(INLINE));
    assert.equal(Buffer.concat(written).toString(), "hello");
  });

  test("a key means something within its client and its lane", () => {
    const keys = [{}, { client: "d" }, { lane: "m" }, { client: "cl", lane: "" }].map(
      (changes) => identity(changes).key,
    );
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(identity({ method: "PUT", url: "/other" }).key, keys[0]);
  });
});

describe("at the gate", () => {
  const POST = "POST /x HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\nContent-Length: 5\r\n\r\n";
  const ID = "01890a5d-ac96-774b-bcce-b302099a8057";

  async function answerTo(t: Parameters<typeof gateFor>[0], settings: GateSettings) {
    const gate = await gateFor(t, settings);
    const client = await clientFor(t, gate);
    await client.send(`${POST}hello`);
    return { gate, answer: await client.answer() };
  }

  test("a known key is looked up before there is room, and its body decides", async (t) => {
    const { gate, answer } = await answerTo(t, {
      lane: { maxQueueSize: 0 },
      intake: { findKey: async () => ({ subject: ID, fingerprint: "of another" }) },
    });
    assert.equal(answer.status, 422, answer.body);
    assert.deepEqual(
      [JSON.parse(answer.body).code, JSON.parse(answer.body).field],
      ["idempotency_mismatch", "Idempotency-Key"],
    );
    assert.equal(gate.discarded.length, 1);
    assert.deepEqual(gate.tasks, []);
  });

  test("a known key is answered, though its callback may not be called any more", async (t) => {
    const refused = new HeadgateError("invalid_request", "No.", { field: "Headgate-Callback" });
    const callbacksFor = (): never => {
      throw refused;
    };
    const findKey = async () => ({ subject: ID, fingerprint: "of another" });
    const known = await answerTo(t, { intake: { callbacksFor, findKey } });
    assert.equal(known.answer.status, 422, "as its body says");
    const fresh = await answerTo(t, { intake: { callbacksFor } });
    assert.deepEqual([fresh.answer.status, fresh.gate.sinks.length], [400, 0], "no body is read");
    assert.equal(fresh.gate.admission.pending("default"), 0);
  });

  test("a duplicate that only the store knows leaves no body and holds no place", async (t) => {
    const { gate, answer } = await answerTo(t, {
      keeper: { enqueue: async () => ({ duplicateOf: ID, isSame: false }) },
    });
    assert.equal(answer.status, 422, answer.body);
    assert.deepEqual([gate.discarded.length, gate.admission.pending("default")], [1, 0]);
    assert.deepEqual(gate.woken, []);
  });

  test("a task that was deleted is named, and its request not run again", async (t) => {
    const { gate, answer } = await answerTo(t, {
      keeper: { enqueue: async () => ({ duplicateOf: ID, isSame: true }) },
    });
    assert.equal(answer.status, 410, answer.body);
    assert.match(JSON.parse(answer.body).message, new RegExp(ID));
    assert.deepEqual(gate.tasks, []);
  });

  test("who leaves while its key is looked up holds nothing", async (t) => {
    const asked = Promise.withResolvers<void>();
    const found = Promise.withResolvers<null>();
    const gate = await gateFor(t, {
      intake: {
        findKey() {
          asked.resolve();
          return found.promise;
        },
      },
    });
    const client = await clientFor(t, gate);
    await client.send(POST);
    await asked.promise;
    client.socket.destroy();
    await gate.left;
    found.resolve(null);
    const other = await clientFor(t, gate);
    await other.send(`${POST}hello`);
    assert.equal((await other.answer()).status, 202);
    assert.equal(gate.tasks.length, 1);
    assert.deepEqual(gate.unexpected, []);
  });
});
