import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmission } from "../../src/intake/admission.ts";
import { createKeeper, type KeeperSettings } from "../../src/intake/keep.ts";
import { createPace } from "../../src/task/pace.ts";
import type { Body } from "../../src/task/task.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { newLane } from "../rig/lane.ts";
import { newTask } from "../store/rig.ts";
import { clientFor, gateFor } from "./gate.ts";

const LANE = newLane({ maxQueueSize: 10_000 });

/** A lane of one slot that takes `targetMs` a task, busy, in whose line the next task stands at `place`. */
function busyKeeper(targetMs: number, place: number) {
  const clock = createManualClock();
  const pace = createPace({ clock, slotsOf: () => 1 });
  for (let i = 0; i < 20; i++) {
    pace.attemptStarted(LANE.name, 60_000);
    clock.advance(targetMs);
    pace.attemptEnded(LANE.name, targetMs);
  }
  pace.attemptStarted(LANE.name, 60_000);
  const admission = createAdmission();
  const discarded: Body[] = [];
  const asked: (number | undefined)[] = [];
  const keeper = createKeeper({
    async enqueue(task, _capacity, lastPlace) {
      asked.push(lastPlace);
      if (place > (lastPlace ?? Infinity)) return { wouldBeAt: place };
      return { position: task.notBefore === null ? place : null, pending: place };
    },
    enqueueBatch: async () => ({ noRoomFor: 0 }),
    discard: async (body) => void discarded.push(body),
    admission,
    pace,
    onAccepted: () => {},
    emit: () => {},
  });
  return { keeper, discarded, asked, pending: () => admission.pending(LANE.name) };
}

function within(ms: number | null, changes: Parameters<typeof newTask>[0] = {}) {
  const createdAt = 1_000_000;
  const startBefore = ms === null ? null : createdAt + ms;
  return newTask({ lane: LANE.name, createdAt, startBefore, notBefore: null, ...changes });
}

test("what would begin too late is refused at once, with the time after which it would not", async () => {
  for (const [startWithinMs, retryAfterSeconds] of [
    [99_000, 1],
    [60_000, 40],
    [0, 100],
  ] as const) {
    const { keeper, discarded, pending } = busyKeeper(1_000, 101);
    const task = within(startWithinMs);
    await assert.rejects(keeper.keep(task, LANE), { code: "start_within_unmet", retryAfterSeconds });
    assert.deepEqual([discarded, pending()], [[task.request.body], 0], "nothing is left of it");
  }
});

test("what would begin in time is not, nor what has no limit, nor what is due later", async () => {
  for (const task of [within(100_000), within(null), within(10, { notBefore: 2_000_000 })])
    await busyKeeper(1_000, 101).keeper.keep(task, LANE);
});

test("nobody is sent away for more than five minutes", async () => {
  const kept = busyKeeper(60_000, 1_000).keeper.keep(within(1_000), LANE);
  await assert.rejects(kept, { retryAfterSeconds: 300 });
});

test("nothing known, nobody refused", async () => {
  const pace = createPace({ clock: createManualClock(), slotsOf: () => 1 });
  assert.equal(pace.placesWithin("never seen", 0), Infinity);
});

test("the answer is a problem that says so", async (t) => {
  const keeper: Partial<KeeperSettings> = {
    enqueue: async () => ({ wouldBeAt: 9 }),
    pace: { retryAfterSeconds: () => 7, startsInSeconds: () => 11, placesWithin: () => 8 },
  };
  const gate = await gateFor(t, { keeper });
  const client = await clientFor(t, gate);
  await client.send(
    "POST /x HTTP/1.1\r\nHost: a\r\nHeadgate-Start-Within: 10s\r\nContent-Length: 2\r\n\r\nhi",
  );
  const answer = await client.answer();
  assert.equal(answer.status, 503, answer.body);
  assert.equal(JSON.parse(answer.body).code, "start_within_unmet");
  assert.equal(answer.headers.get("retry-after"), "1");
});
