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

test("neither ids nor the clock go back when the wall clock does", () => {
  let wall = 1_800_000_000_000;
  const clock = createClock(() => wall);
  const newId = createIdSource(clock);
  const before = newId();
  wall -= 86_400_000;
  assert.ok(newId() > before);
  assert.equal(clock.now(), 1_800_000_000_000);
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
