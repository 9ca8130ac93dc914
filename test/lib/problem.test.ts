import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadgateError } from "../../src/lib/error.ts";
import { toProblem } from "../../src/lib/problem.ts";

test("a known error says what it is", () => {
  const error = new HeadgateError("queue_full", "Full.", { retryAfterSeconds: 2.1, field: "lane" });
  assert.deepEqual(toProblem(error), {
    status: 503,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      "Retry-After": "3",
      "Proxy-Status": "headgate; error=proxy_internal_response",
    },
    body: {
      type: "urn:headgate:problem:queue_full",
      title: "Queue full",
      status: 503,
      detail: "Full.",
      code: "queue_full",
      field: "lane",
      success: false,
      message: "Full.",
    },
  });
});

test("Headgate's own answers carry no Proxy-Status, and no field that nobody named", () => {
  const { status, headers, body } = toProblem(new HeadgateError("not_found", "No such task."));
  assert.equal(status, 404);
  assert.deepEqual(Object.keys(headers), ["Content-Type", "Cache-Control"]);
  assert.ok(!("field" in body));
});

test("anything else is hidden", () => {
  for (const thrown of [
    new Error("/secret/path"),
    "secret",
    null,
    { code: "queue_full", message: "secret" },
  ]) {
    const { status, body } = toProblem(thrown);
    assert.equal(status, 500);
    assert.equal(body.code, "internal");
    assert.ok(!JSON.stringify(body).includes("secret"));
  }
});
