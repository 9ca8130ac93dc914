import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { createEdge } from "../../src/server/edge.ts";
import { connectRaw } from "../rig/raw-client.ts";

test("a control body that trickles is cut with 408, one that was whole in time is not", async (t) => {
  const whole = Promise.withResolvers<void>();
  const edge = createEdge({
    control(request, response) {
      request.resume().once("end", () => void whole.promise.then(() => response.end("control")));
    },
    forward: () => assert.fail("nothing is forwarded here"),
    controlPrefix: "",
    clock: createClock(),
    limits: { controlBodyMs: 100 },
  }).listen(0, "127.0.0.1");
  t.after(() => edge.close());
  await once(edge, "listening");
  const { port } = edge.address() as AddressInfo;
  const head = "POST /tasks/cancel HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n";
  const slow = await connectRaw(port);
  t.after(() => slow.socket.destroy());
  await slow.send(head);
  const trickle = setInterval(() => void slow.send("x").catch(() => {}), 10);
  t.after(() => clearInterval(trickle));
  const answer = await slow.answer();
  assert.deepEqual([answer.status, JSON.parse(answer.body).code], [408, "request_timeout"]);
  const quick = await connectRaw(port);
  t.after(() => quick.socket.destroy());
  await quick.send(head + "x".repeat(50_000));
  // Twice the limit; the fault would be a 408 before the answer.
  setTimeout(() => whole.resolve(), 200);
  assert.equal((await quick.answer()).body, "control");
});
