import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWaiting } from "../../src/notify/waiting.ts";
import { ANYONE } from "../../src/task/caller.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { collectGarbage } from "../rig/garbage.ts";
import { clientFor, gateFor } from "./gate.ts";
import { waitingStage } from "./waiting-stage.ts";

const CLIENTS = 100;
const BODY = "x".repeat(10_000);

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

test("nor of the header fields", async (t) => {
  const requests: IncomingMessage[] = [];
  const { gate, client, ask, release } = await waitingStage(t, {
    intake: {
      submitterOf(request) {
        requests.push(request);
        return ANYONE;
      },
    },
  });
  await ask("Prefer: wait=10\r\nX-Long: value\r\n");
  while (gate.woken.length === 0) await new Promise(setImmediate);
  const [request] = requests;
  assert.deepEqual([request?.rawHeaders, request?.headers], [[], {}]);
  assert.ok(gate.tasks[0]?.request.headers.includes("X-Long"), "its task has them");
  release();
  assert.equal((await client.answer()).status, 202);
});
