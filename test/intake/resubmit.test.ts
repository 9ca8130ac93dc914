import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmission } from "../../src/intake/admission.ts";
import { createKeeper } from "../../src/intake/keep.ts";
import { createResubmit, type ResubmitSettings } from "../../src/intake/resubmit.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import { ANYONE } from "../../src/task/caller.ts";
import { NO_CHARGE } from "../../src/task/charge.ts";
import type { Body, NewTask, State, StoredRequest, Task } from "../../src/task/task.ts";
import { LANE } from "./gate.ts";

const FILE: Body = { kind: "file", name: "original", sizeBytes: 9 };
const REQUEST: StoredRequest = { method: "POST", path: "/p?q", headers: ["A", "b"], body: FILE };

function ended(state: State = "failed"): Task {
  return {
    id: "old",
    lane: "default",
    state,
    reason: "target_error",
    method: "POST",
    path: "/p?q",
    priority: 7,
    client: "c",
    labels: { a: "1" },
    createdAt: 1e3,
    notBefore: 9e3,
    startBefore: 6e3,
    startedAt: 3e3,
    completedAt: 4e3,
    timeoutMs: 55,
    maxAttempts: 2,
    idempotent: true,
    attempts: [],
    error: null,
    requestSizeBytes: 9,
    responseStatus: null,
    responseSizeBytes: null,
    retryOf: "older",
    batch: null,
    callbacks: [
      { endpoint: "gone", url: "http://gone/", on: ["failed"] },
      { endpoint: null, url: "http://client/", on: ["completed"] },
    ],
    progress: null,
  };
}

function arrange(overrides: Partial<ResubmitSettings> = {}, capacity = 5, room = true, places = Infinity) {
  const kept: NewTask[] = [];
  const discarded: Body[] = [];
  const admission = createAdmission();
  const lane = { ...LANE, maxQueueSize: capacity };
  const keeper = createKeeper({
    async enqueue(task, _capacity, lastPlace) {
      if (!room) return null;
      if (lastPlace === 0) return { wouldBeAt: 1 };
      kept.push(task);
      return { position: 1, pending: 1 };
    },
    enqueueBatch: async () => Promise.reject(new Error("No batches here.")),
    discard: async (body) => void discarded.push(body),
    admission,
    pace: { retryAfterSeconds: () => 7, startsInSeconds: () => 9, placesWithin: () => places },
    onAccepted: () => {},
    emit: () => {},
  });
  const resubmit = createResubmit({
    find: async (id) => (id === "old" ? { task: ended(), position: null } : null),
    request: async () => REQUEST,
    copy: async (body) => (body.kind === "file" ? { ...body, name: "copy" } : body),
    keeper,
    laneFor: () => lane,
    accepting: () => null,
    weightOf: (client) => (client === "c" ? 3 : 1),
    callbacksFor: (_lane, url) => [
      { endpoint: "ops", url: "http://ops/", on: ["failed"] },
      ...(url === null ? [] : [{ endpoint: null, url, on: ["completed"] as const }]),
    ],
    charge: () => NO_CHARGE,
    newId: () => "new",
    clock: { now: () => 100_000, monotonicMs: () => 0, after: () => () => {} },
    ...overrides,
  });
  return { resubmit, kept, discarded, pending: () => admission.pending("default") };
}

test("the same request becomes a task of its own that names the old one", async () => {
  const { resubmit, kept, pending } = arrange();
  assert.deepEqual(await resubmit("old", ANYONE), { id: "new", accepted: { position: 1, pending: 1 } });
  assert.deepEqual(kept, [
    {
      id: "new",
      lane: "default",
      request: {
        ...REQUEST,
        body: {
          ...FILE,
          name: "copy",
        },
      },
      priority: 7,
      client: "c",
      weight: 3,
      labels: { a: "1" },
      createdAt: 1e5,
      notBefore: null,
      startBefore: 105e3,
      timeoutMs: 55,
      maxAttempts: 2,
      idempotent: true,
      retryOf: "old",
      batch: null,
      callbacks: [
        { endpoint: "ops", url: "http://ops/", on: ["failed"] },
        { endpoint: null, url: "http://client/", on: ["completed"] },
      ],
      dedupe: null,
    },
  ]);
  assert.equal(pending(), 1);
});

test("an unknown task is null", async () => assert.equal(await arrange().resubmit("other", ANYONE), null));

test("what keeps it out is said, and neither place nor copy is left behind", async () => {
  const stopping = new HeadgateError("shutting_down", "Stopping.");
  const cases: readonly [string, ReturnType<typeof arrange>, number][] = [
    ["shutting_down", arrange({ accepting: () => stopping }), 0],
    ["conflict", arrange({ find: async () => ({ task: ended("processing"), position: null }) }), 0],
    ["gone", arrange({ laneFor: () => null }), 0],
    ["gone", arrange({ request: async () => null }), 0],
    ["storage_full", arrange({ copy: () => Promise.reject(new HeadgateError("storage_full", "Full.")) }), 0],
    ["queue_full", arrange({}, 0), 0],
    ["start_within_unmet", arrange({}, 5, true, 0), 1],
    ["queue_full", arrange({}, 5, false), 1],
  ];
  for (const [code, { resubmit, kept, discarded, pending }, copies] of cases) {
    await assert.rejects(resubmit("old", ANYONE), { code });
    assert.deepEqual([kept.length, pending(), discarded.length], [0, 0, copies], code);
  }
});
