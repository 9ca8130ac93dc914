import assert from "node:assert/strict";
import { test } from "node:test";
import { Headgate } from "../../client/client.ts";
import { json, startStandIn } from "../cli/stand-in.ts";

const FULL = { matched: 1, retried: 0, skipped: { queue_full: 1 }, more: true };

test("a full queue ends a retry, also one that had begun", async (t) => {
  for (const answers of [
    [{ ...FULL, next_cursor: null }],
    [
      { matched: 2, retried: 2, skipped: {}, more: true, next_cursor: "a" },
      { ...FULL, next_cursor: "a" },
    ],
  ]) {
    let calls = 0;
    const server = await startStandIn(t, {
      "POST /tasks/retry": (response) => json(answers[Math.min(calls++, answers.length - 1)])(response),
    });
    const { skipped } = await new Headgate(server.url).retryAll({ all: true });
    assert.deepEqual([skipped, calls], [{ queue_full: 1 }, answers.length]);
  }
});

test("a retry goes on while its cursor moves, also past what does not match, and no longer", async (t) => {
  const answers = [
    { matched: 0, retried: 0, skipped: {}, more: true, next_cursor: "a" },
    { matched: 3, retried: 2, skipped: { gone: 1 }, more: true, next_cursor: "b" },
    { matched: 1, retried: 0, skipped: { gone: 1 }, more: true, next_cursor: "b" },
  ];
  let calls = 0;
  const server = await startStandIn(t, {
    "POST /tasks/retry": (response) => json(answers[Math.min(calls++, 2)])(response),
  });
  const outcome = await new Headgate(server.url).retryAll({ status: "failed" });
  assert.deepEqual(outcome, { matched: 4, done: 2, skipped: { gone: 2 } });
  assert.deepEqual(
    server.seen.map(({ body }) => (JSON.parse(body) as { cursor?: string }).cursor),
    [undefined, "a", "b"],
  );
});
