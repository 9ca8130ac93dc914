import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWaiting } from "../../src/notify/waiting.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { clientFor, gateFor } from "./gate.ts";

const CLIENTS = 100;
const BODY = "x".repeat(10_000);

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  // Buffers are freed a round after what held them.
  gc();
}

test("clients that wait hold nothing of the bodies they sent", async (t) => {
  const waiting = createWaiting(
    createEmitter<TaskEvents>((error) => {
      throw error;
    }),
    createManualClock(),
  );
  const gate = await gateFor(t, {
    keeper: { enqueue: async () => ({ position: 1, pending: 1 }) },
    intake: { waitUntilFinal: waiting.untilFinal },
  });
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => clientFor(t, gate)));
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const head = `POST /x HTTP/1.1\r\nHost: a\r\nPrefer: wait=60\r\nContent-Length: ${BODY.length}\r\n\r\n`;
  for (const client of clients) await client.send(head + BODY);
  while (gate.woken.length < CLIENTS) await new Promise(setImmediate);
  collectGarbage();
  const heldBytes = process.memoryUsage().arrayBuffers - before;
  waiting.release();
  for (const client of clients) assert.equal((await client.answer()).status, 202);
  assert.ok(heldBytes < (CLIENTS * BODY.length) / 4, `${heldBytes} bytes are held`);
});
