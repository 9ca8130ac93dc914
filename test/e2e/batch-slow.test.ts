// Whoever sends batches slowly keeps nobody else from sending theirs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { post } from "../rig/batch.ts";
import { startFlow } from "../rig/flow.ts";
import { connectRaw } from "../rig/raw-client.ts";

const ALICE = "alice-0123456789abcdef";
const BOB = "bob-0123456789abcdefgh";
const BYTES = 8 * 1024 * 1024;

test("a client has at most half of the room for large batches, and small ones need none", async (t) => {
  const { url } = await startFlow(
    t,
    1,
    (target) => `target: ${target}\nmax_attempts: 1\nkeys: {alice: {key: ${ALICE}}, bob: {key: ${BOB}}}\n`,
  );
  for (let i = 0; i < 2; i++) {
    const slow = await connectRaw(Number(url.port));
    t.after(() => slow.socket.destroy());
    await slow.send(
      `POST /tasks/batch HTTP/1.1\r\nHost: a\r\nHeadgate-Key: ${ALICE}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${BYTES}\r\nExpect: 100-continue\r\n\r\n`,
    );
    assert.equal((await slow.answer()).status, 100);
    await slow.send("{");
  }
  const small = `{"requests":[{"path":"/ok"}]}`;
  const large = small + " ".repeat(BYTES - small.length);
  const refused = await post(url, "/tasks/batch", large, ["Headgate-Key", ALICE]);
  assert.deepEqual(
    [refused.status, refused.json<{ code: string }>().code, refused.headers["retry-after"]],
    [503, "too_many_clients", "1"],
  );
  assert.equal((await post(url, "/tasks/batch", small, ["Headgate-Key", ALICE])).status, 202);
  assert.equal((await post(url, "/tasks/batch", large, ["Headgate-Key", BOB])).status, 202);
});
