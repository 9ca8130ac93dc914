// Clients that wait for the answer itself take a place of those there are: one each, and only while they wait.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ANYONE, type Caller } from "../../src/task/caller.ts";
import type { NewTask } from "../../src/task/task.ts";
import { clientFor } from "./gate.ts";
import { RESPONSE, type Stage, waitingStage } from "./waiting-stage.ts";

test("what comes again takes one place to wait in", async (t) => {
  let first: NewTask | null = null;
  const { client, gate, ask, end, waiting }: Stage = await waitingStage(t, {
    maxWaiting: 1,
    keeper: {
      // Only the store knows the key, as when both are under way at once.
      async enqueue(task) {
        if (first !== null) return { duplicateOf: first.id, isSame: true };
        (gate.tasks as NewTask[]).push((first = task));
        return { position: 1, pending: 1 };
      },
    },
  });
  const repeated = (): number => gate.events.filter(({ name }) => name === "request.repeated").length;
  const fields = "Idempotency-Key: k\r\nPrefer: wait=10\r\n";
  await ask(fields);
  end({ response: RESPONSE });
  assert.equal((await client.answer()).body, "hello");

  await ask(fields);
  while (repeated() === 0) await new Promise(setImmediate);
  assert.equal(waiting(), 1);
  end({ response: RESPONSE });
  const { status, headers, body } = await client.answer();
  assert.deepEqual([status, body, headers.get("idempotent-replayed")], [200, "hello", "true"]);
  assert.equal(waiting(), 0);
});

test("whether there is room is seen when a client would wait, and no wait is promised that is not kept", async (t) => {
  const fingerprint = createHash("sha256").update("POST /x hello").digest("base64url");
  const { client, gate, ask, waiting, release }: Stage = await waitingStage(t, {
    maxWaiting: 1,
    intake: { findKey: async () => ({ subject: gate.tasks[0]!.id, fingerprint }) },
  });
  const fields = "Prefer: respond-async, wait=10\r\n";
  const head = `POST /x HTTP/1.1\r\nHost: a\r\n${fields}Content-Length: 5\r\n`;
  const [late, again] = [await clientFor(t, gate), await clientFor(t, gate)];
  await late.send(`${head}\r\nhel`);
  while (gate.sinks.length === 0) await new Promise(setImmediate);
  await ask("Prefer: wait=10\r\n");
  await late.send("lo");
  await again.send(`${head}Idempotency-Key: k\r\n\r\nhello`);
  for (const each of [late, again]) {
    const { status, headers } = await each.answer();
    assert.deepEqual([status, headers.get("preference-applied")], [202, "respond-async"]);
  }
  assert.equal(waiting(), 1);
  release();
  assert.equal((await client.answer()).headers.get("preference-applied"), "wait=10");
});

test("a place to wait in is its key's, whatever client the key names; without keys it is the address's", async (t) => {
  const callers: Caller[] = [
    { name: "key", role: "operate", client: null },
    { name: "key", role: "submit", client: "team" },
    ANYONE,
  ];
  const holders: string[] = [];
  const { client } = await waitingStage(t, {
    intake: {
      submitterOf: () => callers.shift()!,
      waitUntilFinal(_id, _timeoutMs, holder) {
        holders.push(holder);
        return null;
      },
    },
  });
  for (const named of ["Headgate-Client: another\r\n", "", "Headgate-Client: another\r\n"]) {
    await client.send(`POST /x HTTP/1.1\r\nHost: a\r\nPrefer: wait=10\r\n${named}\r\n`);
    assert.equal((await client.answer()).status, 202);
  }
  assert.deepEqual(holders, ["key", "team", "127.0.0.1"]);
});
