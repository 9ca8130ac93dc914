import assert from "node:assert/strict";
import { test } from "node:test";
import { Headgate } from "../../client/client.ts";
import { json, startStandIn } from "../cli/stand-in.ts";

test("an answer that is tried again, or that a stream is refused with, is let go", async () => {
  let cancelled = 0;
  const refusal = (): Response =>
    new Response(new ReadableStream({ cancel: () => void cancelled++ }), { status: 503 });
  const answers = [
    refusal(),
    Response.json(
      { success: true, task_id: "t", status: "pending", data: { position: 1, eta_seconds: 1 } },
      { status: 202, headers: { "Headgate-Task-Id": "t" } },
    ),
    refusal(),
    new Response(null, { status: 204 }),
  ];
  const headgate = new Headgate("http://headgate", {
    fetch: () => Promise.resolve(answers.shift() ?? Response.error()),
  });
  const task = await headgate.submit("/x");
  assert.equal(cancelled, 1);
  assert.deepEqual(await Array.fromAsync(task.events()), []);
  assert.equal(cancelled, 2);
});

test("a batch has a key of its own unless it is to have none", async (t) => {
  const server = await startStandIn(t, { "POST /tasks/batch": json({ batch_id: "b", task_ids: [] }, 202) });
  // A page that came by plain HTTP has none.
  t.mock.method(crypto, "randomUUID", () => assert.fail("for pages that came by HTTPS only"));
  const headgate = new Headgate(server.url);
  await headgate.batch([]);
  await headgate.batch([], { idempotencyKey: "k" });
  await headgate.batch([], { idempotencyKey: null });
  const keys = server.seen.map(({ headers }) => headers["idempotency-key"]);
  assert.match(String(keys[0]), /^[\da-f]{32}$/);
  assert.deepEqual(keys.slice(1), ["k", undefined]);
});
