import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { createAdmission } from "../../src/intake/admission.ts";
import { createKeeper, type KeeperSettings } from "../../src/intake/keep.ts";
import { type BatchSettings, createSubmitBatch } from "../../src/intake/submit-batch.ts";
import type { WrittenRequest } from "../../src/intake/written-request.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import type { NewBatch } from "../../src/store/batches.ts";
import type { BodySink, Page } from "../../src/store/store.ts";
import { ANYONE } from "../../src/task/caller.ts";
import { NO_CHARGE } from "../../src/task/charge.ts";
import type { Body, Task } from "../../src/task/task.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { newLane } from "../rig/lane.ts";

const LANES = { a: newLane({ name: "a", maxQueueSize: 3 }), b: newLane({ name: "b", maxQueueSize: 100 }) };

interface Changes {
  readonly settings?: Partial<BatchSettings>;
  readonly keeper?: Partial<KeeperSettings>;
}

/** The way in for batches; requests to `/a…` and `/b…` have lanes, others have none. */
function arrange({ settings = {}, keeper = {} }: Changes = {}) {
  const stored: NewBatch[] = [];
  const capacities: (readonly [string, number])[] = [];
  const discarded: string[] = [];
  const woken: string[] = [];
  const events: string[] = [];
  const admission = createAdmission();
  let files = 0;
  let ids = 0;
  const discard = async (body: Body): Promise<void> => {
    if (body.kind === "file") discarded.push(body.name);
  };
  const submit = createSubmitBatch({
    laneFor: (_method, path) => LANES[path[1] as keyof typeof LANES] ?? null,
    isControl: (_method, path) => path.startsWith("/task"),
    keeper: createKeeper({
      enqueue: async () => null,
      async enqueueBatch(batch, limits) {
        stored.push(batch);
        capacities.push(...limits);
        return batch.tasks.map((_, i) => ({ position: i + 1, pending: i + 1 }));
      },
      discard,
      admission,
      pace: { retryAfterSeconds: () => 7, startsInSeconds: () => null, placesWithin: () => Infinity },
      onAccepted: (lane) => void woken.push(lane),
      emit: (name) => void events.push(name),
      ...keeper,
    }),
    receive: () => sinkInto(() => `file ${++files}`),
    discard,
    findKey: async () => null,
    list: async () => NOTHING,
    idempotencyTtlMs: 60_000,
    accepting: () => null,
    weightOf: () => 1,
    callbacksFor: () => [],
    emit: () => {},
    charge: () => NO_CHARGE,
    newId: () => `id ${++ids}`,
    clock: createManualClock(),
    trustedProxies: [],
    maxBodyBytes: 1_000_000,
    ...settings,
  });
  return { submit, stored, capacities, discarded, woken, events, admission };
}

const NOTHING: Page = { tasks: [], next: null };

function sinkInto(name: () => string): BodySink {
  let sizeBytes = 0;
  return {
    write: (chunk) => void (sizeBytes += chunk.byteLength),
    finish: async () => ({ kind: "file", name: name(), sizeBytes }),
    abort: async () => {},
  };
}

function written(path: string, changes: Partial<WrittenRequest> = {}): WrittenRequest {
  return { method: "POST", path, headers: [], bytes: new Uint8Array(), ...changes };
}

function callOf(requests: readonly WrittenRequest[], headers: Record<string, string> = {}) {
  const request = {
    headers: { host: "gate", ...headers },
    rawHeaders: [],
    socket: { remoteAddress: "10.0.0.9" },
  };
  return { request: request as unknown as IncomingMessage, caller: ANYONE, requests };
}

const LARGE = new Uint8Array(100_000);

test("all tasks go to the store at once, with their batch; each lane is woken once", async () => {
  const { submit, stored, capacities, woken, events, admission } = arrange();
  const answer = await submit(callOf([written("/a"), written("/b"), written("/a", { bytes: LARGE })]));
  assert.deepEqual(answer, {
    id: "id 1",
    taskIds: ["id 2", "id 3", "id 4"],
    isReplay: false,
    quotaFields: {},
  });
  const [batch] = stored;
  assert.deepEqual([batch?.id, batch?.client, batch?.dedupe], ["id 1", "10.0.0.9", null]);
  assert.deepEqual(
    batch?.tasks.map(({ lane, batch: of, client, request }) => [lane, of, client, request.body.kind]),
    [
      ["a", "id 1", "10.0.0.9", "empty"],
      ["b", "id 1", "10.0.0.9", "empty"],
      ["a", "id 1", "10.0.0.9", "file"],
    ],
  );
  assert.deepEqual(capacities, [
    ["a", 3],
    ["b", 100],
  ]);
  assert.deepEqual([woken, events], [["a", "b"], Array(3).fill("task.accepted")]);
  assert.deepEqual([admission.pending("a"), admission.pending("b")], [3, 2], "as the store said last");
});

describe("nothing is left of a batch that is not stored", () => {
  const bodies = [written("/b", { bytes: LARGE }), written("/b", { bytes: LARGE })];

  test("the disk is full at a later body", async () => {
    let count = 0;
    const { submit, discarded, stored } = arrange({
      settings: {
        receive: () => ({
          ...sinkInto(() => "first"),
          write() {
            if (++count === 2) throw new HeadgateError("storage_full", "Full.");
            return undefined;
          },
        }),
      },
    });
    await assert.rejects(submit(callOf(bodies)), { code: "storage_full" });
    assert.deepEqual([discarded, stored], [["first"], []]);
  });

  const refusals: readonly [string, KeeperSettings["enqueueBatch"], object][] = [
    [
      "another node filled the lane",
      async () => ({ noRoomFor: 1 }),
      { code: "queue_full", index: 1, field: "requests[1]", retryAfterSeconds: 7 },
    ],
    [
      "the store has no room",
      () => Promise.reject(new HeadgateError("storage_full", "Full.")),
      { code: "storage_full" },
    ],
    [
      "it came before as another",
      async () => ({ duplicateOf: "old", isSame: false }),
      { code: "idempotency_mismatch" },
    ],
    ["it came before, and was deleted", async () => ({ duplicateOf: "old", isSame: true }), { code: "gone" }],
  ];
  for (const [name, enqueueBatch, error] of refusals) {
    test(name, async () => {
      const { submit, discarded, woken, events, admission } = arrange({ keeper: { enqueueBatch } });
      await assert.rejects(submit(callOf(bodies)), error);
      assert.deepEqual([discarded, woken, events], [["file 1", "file 2"], [], []]);
      assert.equal(admission.pending("b"), 0);
    });
  }

  test("places that are held by others count, and are given back", async () => {
    const { submit, admission, stored } = arrange();
    admission.reserve("a", 3);
    admission.reserve("a", 3);
    await assert.rejects(submit(callOf([written("/b"), written("/a"), written("/a")])), {
      code: "queue_full",
      index: 2,
    });
    assert.deepEqual([admission.pending("a"), admission.pending("b"), stored], [2, 0, []]);
  });

  test("a failure of the disk leaves it open whether it is stored: its bodies stay", async () => {
    const enqueueBatch = () => Promise.reject(new HeadgateError("storage_failed", "EIO"));
    const { submit, discarded } = arrange({ keeper: { enqueueBatch } });
    await assert.rejects(submit(callOf(bodies)), { code: "storage_failed" });
    assert.deepEqual(discarded, []);
  });
});

test("a batch that came before is answered without room, quota or new files", async () => {
  const fingerprints: string[] = [];
  const key = { "idempotency-key": "k" };
  const first = arrange();
  await first.submit(callOf([written("/b", { bytes: LARGE })], key));
  fingerprints.push(first.stored[0]?.dedupe?.fingerprint ?? "");
  const again = arrange({
    settings: {
      findKey: async (asked) => {
        assert.equal(asked, first.stored[0]?.dedupe?.key);
        return { subject: "old", fingerprint: fingerprints[0] as string };
      },
      list: async ({ batch }) => ({
        tasks: [`${batch} 2`, `${batch} 1`].map((id) => ({ id }) as Task),
        next: null,
      }),
      charge: () => assert.fail("Nothing is charged."),
      receive: () => assert.fail("Nothing is written."),
    },
  });
  assert.deepEqual(await again.submit(callOf([written("/b", { bytes: LARGE })], key)), {
    id: "old",
    taskIds: ["old 1", "old 2"],
    isReplay: true,
    quotaFields: {},
  });
  await assert.rejects(again.submit(callOf([written("/b")], key)), { code: "idempotency_mismatch" });
});

test("a node that takes nothing in takes no batch either", async () => {
  const stopping = new HeadgateError("shutting_down", "Stopping.");
  const { submit } = arrange({ settings: { accepting: () => stopping } });
  await assert.rejects(submit(callOf([written("/a")])), stopping);
});

test("a body over the limit of one request names its index", async () => {
  const { submit } = arrange({ settings: { maxBodyBytes: 99_999 } });
  await assert.rejects(submit(callOf([written("/a"), written("/a", { bytes: LARGE })])), {
    code: "body_too_large",
    field: "requests[1].body",
    index: 1,
  });
});
