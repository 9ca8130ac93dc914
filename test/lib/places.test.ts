import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlaces } from "../../src/lib/places.ts";

test("of all places one holder has half at most, and gets one more for one it gives back", () => {
  const places = createPlaces(5);
  const take = (...holders: string[]): readonly boolean[] => holders.map(places.take);
  assert.deepEqual(take("a", "a", "a", "a"), [true, true, true, false]);
  assert.deepEqual(take("b", "b", "b"), [true, true, false], "no place is left");
  assert.equal(places.count, 5);
  places.giveBack("b");
  assert.deepEqual(take("a"), [false], "that one is not for it");
  places.giveBack("a");
  assert.deepEqual(take("a", "a", "c"), [true, false, true]);
  assert.equal(places.count, 5);
});

test("a single place is anybody's, and none is nobody's", () => {
  const one = createPlaces(1);
  assert.deepEqual([one.take("a"), one.take("b")], [true, false]);
  one.giveBack("a");
  assert.equal(one.take("b"), true);
  assert.equal(createPlaces(0).take("a"), false);
});
