import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmission } from "../../src/intake/admission.ts";
import { createKeeper, type Keeper } from "../../src/intake/keep.ts";
import { createPace } from "../../src/task/pace.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { newLane } from "../rig/lane.ts";
import { clientFor, gateFor } from "./gate.ts";

const LANE = newLane({ maxQueueSize: 10_000 });

/** A lane of one slot that takes `targetMs` a task, busy, with so many in line. */
function busyKeeper(targetMs: number, pending: number): Keeper {
  const clock = createManualClock();
  const pace = createPace({ clock, slotsOf: () => 1 });
  for (let i = 0; i < 20; i++) {
    pace.attemptStarted(LANE.name, 60_000);
    clock.advance(targetMs);
    pace.attemptEnded(LANE.name, targetMs);
  }
  pace.attemptStarted(LANE.name, 60_000);
  const admission = createAdmission();
  admission.observe(LANE.name, pending);
  return createKeeper({
    enqueue: async () => null,
    discard: async () => {},
    admission,
    retryAfterSeconds: pace.retryAfterSeconds,
    startsInSeconds: pace.startsInSeconds,
    onAccepted: () => {},
    emit: () => {},
  });
}

test("what would begin too late is refused at once, with the time after which it would not", () => {
  const keeper = busyKeeper(1_000, 100);
  const refused = (startWithinMs: number, retryAfterSeconds: number): void =>
    assert.throws(() => keeper.admit(LANE, startWithinMs), {
      code: "start_within_unmet",
      retryAfterSeconds,
    });
  refused(99_000, 1);
  refused(60_000, 40);
  refused(0, 100);
  keeper.admit(LANE, 100_000);
  keeper.admit(LANE, null);
});

test("nobody is sent away for more than five minutes", () => {
  assert.throws(() => busyKeeper(60_000, 1_000).admit(LANE, 1_000), { retryAfterSeconds: 300 });
});

test("nothing known, nobody refused", () => {
  const keeper = createKeeper({
    enqueue: async () => null,
    discard: async () => {},
    admission: createAdmission(),
    retryAfterSeconds: () => 5,
    startsInSeconds: () => null,
    onAccepted: () => {},
    emit: () => {},
  });
  keeper.admit(LANE, 0);
});

const within = "Headgate-Start-Within: 10s\r\n";

for (const [fields, status] of [
  [within, 503],
  ["", 202],
  ["Headgate-Start-Within: 11s\r\n", 202],
  [`${within}Headgate-Priority: 3\r\n`, 503],
  [`${within}Headgate-Priority: 5\r\n`, 202],
  [`${within}Headgate-Delay: 1s\r\n`, 202],
  [`${within}Headgate-Delay: 0\r\n`, 503],
  [`${within}Headgate-Not-Before: 2020-01-01T00:00:00Z\r\n`, 503],
] as const) {
  test(`behind a line of eleven seconds, ${fields.trim().replaceAll("\r\n", ", ") || "asking nothing"}: ${status}`, async (t) => {
    const asked: unknown[] = [];
    const startsInSeconds = (...place: unknown[]): number => (asked.push(place), 11);
    const gate = await gateFor(t, { keeper: { startsInSeconds } });
    gate.admission.observe("default", 3);
    const client = await clientFor(t, gate);
    // The body of one that is refused never comes.
    const length = status === 503 ? "500000\r\n\r\n" : "2\r\n\r\nhi";
    await client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${fields}Content-Length: ${length}`);
    const answer = await client.answer();
    assert.equal(answer.status, status, answer.body);
    if (status === 202) return;
    assert.equal(JSON.parse(answer.body).code, "start_within_unmet");
    assert.equal(answer.headers.get("retry-after"), "1");
    assert.deepEqual(asked, [["default", 4]]);
  });
}
