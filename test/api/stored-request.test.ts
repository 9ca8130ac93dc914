import assert from "node:assert/strict";
import { test } from "node:test";
import { openControl } from "./control.ts";

test("the request of a task is shown, and its secrets are not", async (t) => {
  const { app, submit } = await openControl(t);
  const body = { kind: "inline" as const, bytes: new TextEncoder().encode('{"n":12345678901234567890}') };
  const headers = ["Content-Type", "application/json", "Authorization", "\u0000sealed", "X-A", "<b>"];
  const id = await submit({ request: { method: "PUT", path: "/p?q=1", headers, body } });
  const answer = await app.inject(`/task/${id}/request`);
  assert.equal(answer.statusCode, 200);
  // Large integers keep their digits.
  assert.ok(answer.body.includes('"body":{"n":12345678901234567890}'));
  const view = answer.json<{
    method: string;
    path: string;
    size_bytes: number;
    headers: [string, string][];
  }>();
  assert.deepEqual([view.method, view.path, view.size_bytes], ["PUT", "/p?q=1", 26]);
  assert.deepEqual(view.headers, [
    ["Content-Type", "application/json"],
    ["Authorization", "[redacted]"],
    ["X-A", "<b>"],
  ]);
});

test("a callback is shown unless its URL may have a secret", async (t) => {
  const { app, submit } = await openControl(t);
  const urls = [
    "https://x.example/done",
    "https://x.example/?token=t",
    `https://x.example/${"a1".repeat(10)}`,
  ];
  const headers = urls.flatMap((url) => ["headgate-Callback", url]);
  const id = await submit({ request: { method: "POST", path: "/", headers, body: { kind: "empty" } } });
  const view = (await app.inject(`/task/${id}/request`)).json<{ headers: [string, string][] }>();
  assert.deepEqual(
    view.headers.map(([, value]) => value),
    [urls[0], "[redacted]", "[redacted]"],
  );
});

test("bytes that are no text come in Base64, and whole as a file that no browser runs", async (t) => {
  const { app, submit } = await openControl(t);
  const bytes = Uint8Array.of(0, 255, 60, 115);
  const headers = ["Content-Type", "text/html"];
  const id = await submit({
    request: { method: "POST", path: "/", headers, body: { kind: "inline", bytes } },
  });
  const view = (await app.inject(`/task/${id}/request`)).json<Record<string, unknown>>();
  assert.deepEqual([view["body"], view["body_encoding"]], [Buffer.from(bytes).toString("base64"), "base64"]);
  const file = await app.inject(`/task/${id}/request/body`);
  assert.deepEqual(new Uint8Array(file.rawPayload), bytes);
  assert.equal(file.headers["content-type"], "application/octet-stream");
  assert.match(String(file.headers["content-disposition"]), /^attachment/);
  assert.equal(file.headers["content-security-policy"], "sandbox");
});

test("a task that is not there has no request", async (t) => {
  const { app } = await openControl(t);
  for (const rest of ["", "/body"]) {
    const { statusCode } = await app.inject(`/task/01a20788-bde7-706e-bbf8-7e9edf447801/request${rest}`);
    assert.equal(statusCode, 404);
  }
});
