import assert from "node:assert/strict";
import { test } from "node:test";
import { createUploads } from "../../src/intake/uploads.ts";

test("slow uploads to one lane keep nobody out of another, and all together are bounded", () => {
  const uploads = createUploads();
  const ends = Array.from({ length: 500 }, () => uploads.begin("slow"));
  assert.throws(() => uploads.begin("slow"), { code: "queue_full" });
  for (let i = 0; i < 500; i++) ends.push(uploads.begin(`other-${i % 2}`));
  assert.throws(() => uploads.begin("third"), { code: "queue_full" });
  for (const end of ends) end();
  for (let i = 0; i < 500; i++) uploads.begin("slow");
  assert.throws(() => uploads.begin("slow"), { code: "queue_full" });
});
