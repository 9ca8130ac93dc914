import assert from "node:assert/strict";
import { test } from "node:test";
import { suggest } from "../../src/lib/suggest.ts";

const KNOWN = ["max_concurrent", "max_queue_size", "store", "locale", "log_level"];

test("the nearest known word, whatever the slip", () => {
  assert.equal(suggest("max_concurent", KNOWN), "max_concurrent");
  assert.equal(suggest("MAX_CONCURRENTS", KNOWN), "max_concurrent");
  assert.equal(suggest("sotre", KNOWN), "store");
  assert.equal(suggest("loglevel", KNOWN), "log_level");
});

test("nothing when nothing is near", () => {
  assert.equal(suggest("colour", KNOWN), null);
  assert.equal(suggest("x", KNOWN), null);
  assert.equal(suggest("", KNOWN), null);
  assert.equal(suggest("anything", []), null);
});
