import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Answer } from "./control.ts";
import { replayed } from "./replayed.ts";

test("a range of a small body and of a large one", async (t) => {
  for (const size of [1_000, 300_000]) {
    const bytes = randomBytes(size);
    const { head, body } = await replayed(t, { body: bytes }, "GET", "Range: bytes=10-19\r\n");
    assert.match(head, /^HTTP\/1.1 206 /);
    assert.match(head, new RegExp(`\r\nContent-Range: bytes 10-19/${size}\r\n`));
    assert.match(head, /\r\nContent-Length: 10\r\n/);
    assert.deepEqual(body, bytes.subarray(10, 20));
  }
});

test("a part carries no digest of the whole, and the whole carries it", async (t) => {
  const headers = ["Content-Digest", "sha-256=:x:", "Accept-Ranges", "none", "Repr-Digest", "sha-256=:x:"];
  const part = await replayed(t, { headers, body: "12345" }, "GET", "Range: bytes=1-2\r\n");
  assert.doesNotMatch(part.head, /Content-Digest/);
  assert.match(part.head, /Repr-Digest/);
  assert.match(part.head, /\r\nAccept-Ranges: bytes\r\n/);
  assert.doesNotMatch(part.head, /none/);
  assert.match((await replayed(t, { headers, body: "12345" })).head, /Content-Digest/);
});

test("a range that does not exist, of a part, of an error, or of another version", async (t) => {
  const none = await replayed(t, { body: "12345" }, "GET", "Range: bytes=5-\r\n");
  assert.match(none.head, /^HTTP\/1.1 416 .*\r\nContent-Range: bytes \*\/5\r\n/is);
  assert.match(none.head, /application\/problem\+json/);
  const ask = "Range: bytes=1-2\r\n";
  const whole: readonly [Answer, string][] = [
    [{ status: 206, headers: ["Content-Range", "bytes 0-4/9"], body: "12345" }, ask],
    [{ status: 404, body: "12345" }, ask],
    [{ headers: ["ETag", '"new"'], body: "12345" }, `${ask}If-Range: "old"\r\n`],
    [{ headers: ["ETag", 'W/"new"'], body: "12345" }, `${ask}If-Range: W/"new"\r\n`],
    [{ body: "12345" }, `${ask}If-Range: Mon, 23 Nov 2026 09:00:00 GMT\r\n`],
    [{ body: "12345" }, "Range: bytes=0-0,2-2\r\n"],
  ];
  for (const [answer, fields] of whole) {
    const { head, body } = await replayed(t, answer, "GET", fields);
    assert.match(head, new RegExp(`^HTTP/1.1 ${answer.status ?? 200} `), fields);
    assert.equal(body.toString(), "12345");
  }
  const same = await replayed(
    t,
    { headers: ["ETag", '"new"'], body: "12345" },
    "GET",
    `${ask}If-Range: "new"\r\n`,
  );
  assert.equal(same.body.toString(), "23");
});
