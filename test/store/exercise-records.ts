// What is stored comes back, unchanged, through every verb that shows it.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Body, NewTask, StoredRequest, StoredResponse, Task } from "../../src/task/task.ts";
import { bodySize, EMPTY_BODY } from "../../src/task/task.ts";
import { complete, fail, retry } from "../../src/task/transition.ts";
import type { OpenForTest } from "./rig.ts";
import { attemptOf, claimOne, find, newTask, running, START, storeTest } from "./rig.ts";

const EVERY_BYTE: Uint8Array = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));

/** Values as a wire can carry them: Latin-1, doubled, empty, and a name that means something to JavaScript. */
const HEADERS: readonly string[] = [
  "Host",
  "example.com",
  "X-Name",
  "caf\u00e9 \u00ff\u0080",
  "x-name",
  "again",
  "__proto__",
  "harmless",
  "Empty",
  "",
  "Quotes",
  '"\\,',
];

const FULL: NewTask = newTask({
  lane: "full",
  request: {
    method: "PATCH",
    path: "/a%2Fb//c?d=%FF&e",
    headers: HEADERS,
    body: { kind: "inline", bytes: EVERY_BYTE },
  },
  priority: 7,
  client: "203.0.113.9",
  labels: JSON.parse('{"team": "red", "__proto__": "kept", "a:b": "1,2\\u0000"}'),
  createdAt: START + 1,
  notBefore: START + 20,
  startBefore: START + 3_000,
  timeoutMs: 4_004,
  maxAttempts: 5,
  idempotent: true,
  retryOf: "01a20791-91fe-706e-8ab6-c39748507a1d",
});

/** How a stored task looks that nothing has happened to. */
function asAccepted(task: NewTask): Task {
  const { request, weight: _, dedupe: _d, ...rest } = task;
  return {
    ...rest,
    method: request.method,
    path: request.path,
    state: "pending",
    reason: task.notBefore === null ? "queued" : "delayed",
    startedAt: null,
    completedAt: null,
    attempts: [],
    error: null,
    requestSizeBytes: bodySize(request.body),
    responseStatus: null,
    responseSizeBytes: null,
    progress: null,
  };
}

export function exerciseRecords(open: OpenForTest): void {
  describe("records", () => {
    const test = storeTest(open);

    test("show every field, each step of the way", async (store) => {
      await store.enqueue(FULL, 10);
      const accepted = asAccepted(FULL);
      assert.deepEqual(await store.find(FULL.id), { task: accepted, position: null });
      assert.deepEqual(await store.list({ limit: 9 }), { tasks: [accepted], next: null });
      assert.deepEqual(await store.request(FULL.id), FULL.request);
      assert.equal(await store.response(FULL.id), null);

      const first = await claimOne(store, { lane: "full", node: "node-1", now: START + 30 });
      assert.deepEqual(first, {
        lease: { taskId: FULL.id, node: "node-1", epoch: 1 },
        lane: "full",
        client: FULL.client,
        request: FULL.request,
        attempt: 1,
        maxAttempts: 5,
        timeoutMs: 4_004,
        idempotent: true,
        createdAt: START + 1,
        startedAt: START + 30,
      });
      const runningAttempt = {
        number: 1,
        target: null,
        startedAt: START + 30,
        endedAt: null,
        outcome: null,
        status: null,
        error: null,
      };
      assert.deepEqual(await find(store, FULL.id), {
        ...accepted,
        state: "processing",
        reason: "running",
        notBefore: null,
        startedAt: START + 30,
        attempts: [runningAttempt],
      });

      const refused = attemptOf(first, {
        outcome: "never_sent",
        status: null,
        error: { code: "connection_refused", message: "1, “2”" },
      });
      const error = { code: "connection_refused", message: "refused" };
      assert.equal(
        await store.settle(retry(first, refused, "retry_backoff", error, START + 500, START + 60)),
        true,
      );
      const waiting: Task = {
        ...accepted,
        reason: "retry_backoff",
        notBefore: START + 500,
        startedAt: START + 30,
        attempts: [refused],
        error,
      };
      assert.deepEqual(await find(store, FULL.id), waiting);

      const second = await claimOne(store, { lane: "full", node: "node-2", now: START + 600 });
      assert.deepEqual(second.lease, { taskId: FULL.id, node: "node-2", epoch: 2 });
      assert.equal(second.attempt, 2);
      const answer: StoredResponse = {
        status: 418,
        headers: HEADERS,
        body: { kind: "inline", bytes: EVERY_BYTE.slice(3) },
      };
      const answered = attemptOf(second, { status: 418 });
      const verdict = { code: "target_error", message: "418" };
      assert.equal(
        await store.settle(fail(second, answered, "target_error", verdict, answer, START + 901)),
        true,
      );
      const ended: Task = {
        ...waiting,
        state: "failed",
        reason: "target_error",
        notBefore: null,
        startedAt: START + 600,
        completedAt: START + 901,
        attempts: [refused, answered],
        error: verdict,
        responseStatus: 418,
        responseSizeBytes: 253,
      };
      assert.deepEqual(await store.find(FULL.id), { task: ended, position: null });
      assert.deepEqual((await store.list({ limit: 1 })).tasks, [ended]);
      assert.deepEqual(await store.request(FULL.id), FULL.request);
      assert.deepEqual(await store.response(FULL.id), answer);
    });

    const bodies: readonly Body[] = [
      EMPTY_BODY,
      { kind: "inline", bytes: EVERY_BYTE },
      { kind: "file", name: "0b9e4bd2-9f4c-4d56-9a53-a4cf6a3f4b55", sizeBytes: 70_001 },
    ];
    for (const body of bodies) {
      test(`keep requests and answers whose body is ${body.kind}`, async (store) => {
        const request: StoredRequest = { method: "PUT", path: "/", headers: [], body };
        const task = await running(store, { request });
        assert.deepEqual(task.request, request);
        assert.deepEqual(await store.request(task.lease.taskId), request);
        const answer: StoredResponse = { status: 204, headers: ["Age", "1"], body };
        await store.settle(complete(task, attemptOf(task), answer, START));
        assert.deepEqual(await store.response(task.lease.taskId), answer);
        const found = await find(store, task.lease.taskId);
        assert.deepEqual([found.requestSizeBytes, found.responseSizeBytes], [bodySize(body), bodySize(body)]);
      });
    }

    test("are null for an id that nobody was given", async (store) => {
      const { id } = newTask();
      assert.equal(await store.find(id), null);
      assert.equal(await store.request(id), null);
      assert.equal(await store.response(id), null);
    });

    test("outlive the store", async (store, reopen) => {
      if (reopen === null) return;
      await store.enqueue(FULL, 10);
      const again = await reopen();
      assert.deepEqual(await find(again, FULL.id), asAccepted(FULL));
      assert.deepEqual(await again.request(FULL.id), FULL.request);
      const late = newTask({ lane: "full", priority: 7 });
      await again.enqueue(late, 10);
      const { tasks } = await again.claim({ lane: "full", node: "n", limit: 5, cap: 5, now: START + 50 });
      assert.deepEqual(
        tasks.map(({ lease }) => lease.taskId),
        [FULL.id, late.id],
        "numbers go on where they ended",
      );
    });
  });
}
