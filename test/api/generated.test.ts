import assert from "node:assert/strict";
import { test } from "node:test";
import { makePage, presentPage } from "./generated.ts";

test("docs/api.md says what the OpenAPI document says (else: node test/api/generated.ts)", async (t) => {
  assert.equal(presentPage(), await makePage(t));
});
