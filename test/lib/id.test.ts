import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { createIdSource, isId } from "../../src/lib/id.ts";
import { createManualClock } from "./manual-clock.ts";

test("ids are version 7 UUIDs that grow strictly, also within one millisecond and beyond its counter", () => {
  const newId = createIdSource(createManualClock());
  const ids = Array.from({ length: 10_000 }, newId);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(ids, ids.toSorted());
  assert.equal(new Set(ids).size, ids.length);
});

test("when the wall clock is set back, time goes on and ids go on growing", () => {
  let wall = 1_800_000_000_000;
  let monotonic = 5_000.5;
  const clock = createClock(
    () => wall,
    () => monotonic,
  );
  const newId = createIdSource(clock);
  const before = newId();
  wall -= 86_400_000;
  assert.equal(clock.now(), 1_800_000_000_000);
  assert.ok(newId() > before);
  monotonic += 90_000;
  assert.equal(clock.now(), 1_800_000_090_000, "a due time of a minute has come");
  wall += 86_400_000 + 200_000;
  assert.equal(clock.now(), 1_800_000_200_000, "and the wall clock is believed again when it has caught up");
});

test("what is no UUID is no id", () => {
  for (const text of [
    "",
    "abc",
    "01a20788-bde7-706e-bbf8-7e9edf44780",
    "01A20788-BDE7-706E-BBF8-7E9EDF447801",
    "01a20788-bde7-706e-bbf8-7e9edf447801 ",
  ]) {
    assert.equal(isId(text), false, text);
  }
});
