// More tasks than the disk takes are refused before they pile up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCommitQueue } from "../../src/store/sqlite/commit-queue.ts";

test("tasks that wait for their commit are counted, those of a batch each", async () => {
  const commits = createCommitQueue();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting = [4_000, 95, 1].map((tasks) => commits(tasks, () => promise));
  await assert.rejects(
    commits(1, () => assert.fail("it would wait, too")),
    { code: "queue_full", retryAfterSeconds: 1 },
  );
  resolve();
  await Promise.all(waiting);
  assert.equal(await commits(4_000, async () => "accepted"), "accepted");
});

test("what fails waits no longer", async () => {
  const commits = createCommitQueue();
  for (let round = 0; round < 3; round++) {
    await assert.rejects(
      commits(4_096, () => Promise.reject(new Error("refused"))),
      /refused/,
    );
  }
});
