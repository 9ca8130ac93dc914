import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { IntakeSettings } from "../../src/intake/intake.ts";
import { EMPTY_BODY, type NewTask, type StoredResponse } from "../../src/task/task.ts";
import type { GateSettings } from "./gate.ts";
import { type Outcome, RESPONSE, type Stage, taskOf, waitingStage } from "./waiting-stage.ts";

/** The fields but those of the connection. */
function fieldsOf(head: string): readonly string[] {
  return head.split("\r\n").filter((line) => !/^(?:HTTP|Date|Connection|Keep-Alive)/.test(line));
}

test("an answer that comes in time is the target's own, cookies and all, with the task's id", async (t) => {
  const { client, gate, ask, end } = await waitingStage(t);
  await ask("Prefer: wait=10\r\n");
  const headers = [
    "SET-cookie",
    "a=b",
    "X-b",
    "1",
    "x-B",
    "2",
    "Vary",
    "Accept",
    "Access-Control-Max-Age",
    "9",
  ];
  const ofAnother = ["Headgate-Task-Id", "inner", "Content-Length", "5"];
  end({ response: { ...RESPONSE, status: 418, headers: [...headers, ...ofAnother] } });
  const { status, head, body } = await client.answer();
  assert.deepEqual([status, body], [418, "hello"]);
  assert.deepEqual(fieldsOf(head), [
    ...headers.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]}`] : [])),
    "Content-Length: 5",
    `Headgate-Task-Id: ${gate.tasks[0]?.id}`,
    "Vary: Prefer",
    "Preference-Applied: wait=10",
  ]);
});

test("a task that ends while it is being kept is answered with", async (t) => {
  const early = Promise.withResolvers<{ position: number; pending: number }>();
  const { client, gate, ask, end }: Stage = await waitingStage(t, {
    keeper: {
      enqueue: (task) => {
        (gate.tasks as NewTask[]).push(task);
        return early.promise;
      },
    },
  });
  await ask("Prefer: wait=10\r\n");
  end({ response: RESPONSE });
  early.resolve({ position: 1, pending: 1 });
  assert.equal((await client.answer()).body, "hello");
});

describe("when the time is over", () => {
  test("the receipt says where the task stands by then", async (t) => {
    const { client, gate, clock, ask } = await waitingStage(t);
    await ask("Prefer: wait=2\r\n");
    clock.advance(2_000);
    const { status, headers, body } = await client.answer();
    assert.equal(status, 202);
    assert.equal(headers.get("preference-applied"), "wait=2");
    assert.equal(headers.get("vary"), "Prefer");
    const receipt = JSON.parse(body);
    assert.deepEqual(
      [receipt.task_id, receipt.status, receipt.data.position],
      [gate.tasks[0]?.id, "pending", 7],
    );
  });

  test("a task that runs is not said to be pending", async (t) => {
    const find: IntakeSettings["find"] = async (id) => ({
      task: taskOf(gate, id, "processing"),
      position: null,
    });
    const { client, gate, clock, ask }: Stage = await waitingStage(t, { intake: { find } });
    await ask("Prefer: respond-async, wait=2\r\n");
    clock.advance(2_000);
    const { headers, body } = await client.answer();
    assert.equal(headers.get("preference-applied"), "respond-async, wait=2");
    const receipt = JSON.parse(body);
    assert.deepEqual([receipt.status, receipt.data.position], ["processing", null]);
  });

  test("a node that stops gives receipts, also to those who come last", async (t) => {
    const { client, ask, release } = await waitingStage(t, { lane: { waitMs: 25_000 } });
    await ask("");
    release();
    const { status, headers } = await client.answer();
    assert.deepEqual([status, headers.has("preference-applied")], [202, false]);
    await ask("");
    assert.equal((await client.answer()).status, 202);
  });
});

test("a route may wait by itself; who prefers not to gets a receipt at once", async (t) => {
  const { client, ask, end } = await waitingStage(t, { lane: { waitMs: 25_000 } });
  await ask("");
  end({ response: RESPONSE });
  const { status, headers } = await client.answer();
  assert.deepEqual([status, headers.get("vary"), headers.has("preference-applied")], [200, "Prefer", false]);
  for (const [fields, applied] of [
    ["Prefer: respond-async\r\n", "respond-async"],
    ["Prefer: wait=0\r\n", "wait=0"],
    ["Headgate-Delay: 25s\r\n", undefined],
  ] as const) {
    await client.send(`GET /x HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
    const answer = await client.answer();
    assert.equal(answer.status, 202, fields);
    assert.equal(answer.headers.get("preference-applied"), applied);
  }
});

describe("a task that ends without an answer", () => {
  const cases: readonly [Outcome, number, string][] = [
    [{ state: "cancelled", reason: "cancelled" }, 410, "cancelled"],
    [
      { state: "failed", reason: "connect_failed", error: { code: "connection_refused", message: "No." } },
      502,
      "connection_refused",
    ],
    [
      { state: "failed", reason: "timeout", error: { code: "http_response_timeout", message: "Late." } },
      504,
      "http_response_timeout",
    ],
    [{ state: "failed", reason: "expired_in_queue" }, 504, "expired_in_queue"],
  ];
  for (const [outcome, status, code] of cases) {
    test(`is a problem: ${code}`, async (t) => {
      const { client, gate, ask, end } = await waitingStage(t);
      await ask("Prefer: wait=10\r\n");
      end(outcome);
      const answer = await client.answer();
      assert.deepEqual([answer.status, JSON.parse(answer.body).code], [status, code]);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.headers.get("headgate-task-id"), gate.tasks[0]?.id);
      assert.equal(answer.headers.get("preference-applied"), "wait=10");
      assert.ok(
        gate.events.every(({ name }) => name !== "task.refused"),
        "it was accepted",
      );
    });
  }
});

describe("what has no body", () => {
  const length = ["Content-Length", "1234"];
  for (const [method, status, lengths] of [
    ["HEAD", 200, ["Content-Length: 1234"]],
    ["GET", 304, ["Content-Length: 1234"]],
    ["GET", 204, []],
    ["GET", 200, ["Content-Length: 0"]],
  ] as const) {
    test(`${method} ${status}`, async (t) => {
      const { client, ask, end } = await waitingStage(t);
      await ask("Prefer: wait=10\r\nConnection: close\r\n", method);
      end({ response: { status, headers: length, body: EMPTY_BODY } });
      const text = await client.rest();
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      assert.deepEqual(text.match(/^Content-Length: .*$/gim) ?? [], lengths);
      assert.ok(text.endsWith("\r\n\r\n"));
    });
  }
});

describe("a client that leaves while it waits", () => {
  test("changes nothing", async (t) => {
    const { gate, client, cancelled, ask, nobodyWaits, clock } = await waitingStage(t);
    await ask("Prefer: wait=10\r\n");
    await client.vanish();
    await nobodyWaits();
    await gate.left;
    assert.deepEqual([cancelled, gate.tasks.length, clock.timers], [[], 1, 0]);
  });

  test("takes its task along if it said so", async (t) => {
    const gone = Promise.withResolvers<string>();
    const { gate, client, ask } = await waitingStage(t, {
      intake: { cancel: async (id) => gone.resolve(id) },
    });
    await ask("Prefer: wait=10\r\nHeadgate-Abandon: cancel\r\n");
    await client.vanish();
    assert.equal(await gone.promise, gate.tasks[0]?.id);
  });

  test("and one that stays does not", async (t) => {
    const { client, cancelled, ask, end } = await waitingStage(t);
    await ask("Prefer: wait=10\r\nHeadgate-Abandon: cancel\r\nConnection: close\r\n");
    end({ response: RESPONSE });
    await client.rest();
    assert.deepEqual(cancelled, []);
  });
});

describe("an answer that cannot be read is no reason to lose the client", () => {
  const deleted = (): Readable =>
    new Readable({
      read() {
        this.destroy(Object.assign(new Error("gone"), { code: "ENOENT" }));
      },
    });
  const file: StoredResponse = { ...RESPONSE, body: { kind: "file", name: "f", sizeBytes: 9 } };
  const cases: readonly [string, NonNullable<GateSettings["intake"]>, number][] = [
    ["deleted with its task", { find: async () => null }, 0],
    ["deleted after its task was found", { response: async () => null }, 0],
    ["its file deleted", { readBody: deleted }, 0],
    ["the store fails", { find: () => Promise.reject(new Error("busy")) }, 1],
  ];
  for (const [name, intake, unexpected] of cases) {
    test(name, async (t) => {
      const { client, gate, ask, end } = await waitingStage(t, { intake });
      await ask("Prefer: wait=10\r\n");
      end({ response: file });
      assert.equal((await client.answer()).status, 202);
      assert.equal(gate.unexpected.length, unexpected);
    });
  }

  test("but one that breaks off is seen to", async (t) => {
    const { client, gate, ask, end } = await waitingStage(t, {
      intake: { readBody: () => Readable.from(half()) },
    });
    await ask("Prefer: wait=10\r\n");
    end({ response: file });
    await assert.rejects(client.answer());
    assert.equal(gate.unexpected.length, 1);
  });
});

function* half(): Generator<Buffer> {
  yield Buffer.from("half");
  throw new Error("the disk");
}

test("a request that is refused after all leaves nobody waiting", async (t) => {
  const { client, clock, ask } = await waitingStage(t, { keeper: { enqueue: async () => null } });
  await ask("Prefer: wait=10\r\nConnection: close\r\n");
  assert.equal((await client.answer()).status, 503);
  await client.rest();
  assert.equal(clock.timers, 0);
});
