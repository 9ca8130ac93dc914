import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { inlineResult, writeTask } from "../../src/api/inline-result.ts";
import type { TaskView } from "../../src/api/task-schema.ts";
import { type Body, EMPTY_BODY } from "../../src/task/task.ts";

function result(type: string | null, bytes: string | Uint8Array, ...more: string[]) {
  const body: Body = { kind: "inline", bytes: typeof bytes === "string" ? Buffer.from(bytes) : bytes };
  return inlineResult({
    status: 200,
    headers: [...(type === null ? [] : ["Content-Type", type]), ...more],
    body,
  });
}

const text = (value: string) => ({ json: JSON.stringify(value), isBase64: false });
const base64 = (bytes: Uint8Array) => ({
  json: JSON.stringify(Buffer.from(bytes).toString("base64")),
  isBase64: true,
});

test("JSON stands there as it came", () => {
  const exact = ' {"id":12345678901234567890,"a":1,"a":2,"snow":"☃"}\n';
  for (const type of [
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/problem+json",
    "text/json",
  ]) {
    assert.deepEqual(result(type, exact), { json: exact, isBase64: false }, type);
  }
  assert.deepEqual(
    result("application/json", "\ufeff[1]"),
    { json: "[1]", isBase64: false },
    "no byte order mark",
  );
});

test("what is not JSON but says so is text", () => {
  for (const broken of ["{", " ", "NaN", "1,2", '{"a":1}}', '1,"success":false']) {
    assert.deepEqual(result("application/json", broken), text(broken));
  }
});

test("the result stands in the task, however deep it is", () => {
  const view = { success: true, result: null } as TaskView;
  assert.deepEqual(JSON.parse(writeTask(view, result("application/json", "[[1]]"))), {
    success: true,
    result: [[1]],
  });
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  assert.equal(writeTask(view, result("application/json", deep)), `{"success":true,"result":${deep}}`);
});

test("text is text in its character set", () => {
  const euro = "Grüße €";
  assert.deepEqual(result("text/plain", euro), text(euro));
  assert.deepEqual(result("application/xml", "<a/>"), text("<a/>"));
  assert.deepEqual(result("image/svg+xml", "<svg/>"), text("<svg/>"));
  assert.deepEqual(result("text/plain; charset=iso-8859-1", Buffer.from("caf\xe9", "latin1")), text("café"));
  assert.deepEqual(result('text/html; charset="latin1"', Buffer.from("caf\xe9", "latin1")), text("café"));
  assert.deepEqual(result("text/plain; charset=gbk", Buffer.from([0xce, 0xd2])), text("我"));
});

test("everything else is base64", () => {
  const bytes = Buffer.from([0x00, 0xff, 0xe9]);
  for (const type of [
    "image/png",
    "application/octet-stream",
    null,
    "text/plain",
    "text/plain; charset=nonsense",
  ]) {
    assert.deepEqual(result(type, bytes), base64(bytes), String(type));
  }
  const gzipped = Buffer.from('{"a":1}');
  assert.deepEqual(result("application/json", gzipped, "Content-Encoding", "gzip"), base64(gzipped));
  assert.deepEqual(result("application/json", "1", "Content-Encoding", "identity").isBase64, false);
});

test("an empty body is empty text or nothing, one in a file nothing", () => {
  const empty = (type: string) =>
    inlineResult({ status: 200, headers: ["Content-Type", type], body: EMPTY_BODY }).json;
  assert.equal(empty("text/plain"), '""');
  assert.equal(empty("image/png"), "null");
  const body: Body = { kind: "file", name: "f", sizeBytes: 99_999 };
  assert.equal(inlineResult({ status: 200, headers: ["Content-Type", "text/plain"], body }).json, "null");
  assert.equal(inlineResult(null).json, "null");
});

test("base64 says so", () => {
  const written = writeTask({ success: true, result: null } as TaskView, { json: '"AA=="', isBase64: true });
  assert.deepEqual(JSON.parse(written), { success: true, result: "AA==", result_encoding: "base64" });
});
