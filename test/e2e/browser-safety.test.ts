// What a browser may be talked into by a page of another site.

import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";
import { type Answer, call, outcome } from "../rig/client.ts";
import { startFlow } from "../rig/flow.ts";

describe("a page of another site", () => {
  test("changes nothing", async (t) => {
    const { url } = await startFlow(t, 1, (target) => `target: ${target}`);
    const pause = (...headers: string[]): Promise<Answer> =>
      call(url, { method: "POST", path: "/lanes/default/pause", headers });
    for (const headers of [
      ["Sec-Fetch-Site", "cross-site"],
      ["Sec-Fetch-Site", "same-site"],
      ["Origin", "https://evil.example"],
      ["Origin", "null"],
    ]) {
      const answer = await pause(...headers);
      assert.deepEqual(
        [answer.status, answer.json<{ code: string }>().code],
        [403, "cross_site"],
        headers.join(),
      );
    }
    assert.equal((await pause("Sec-Fetch-Site", "same-origin")).status, 200);
    assert.equal((await pause("Origin", url.origin)).status, 200);
    assert.equal((await pause()).status, 200);
  });

  test("reads nothing by a name that leads here", async (t) => {
    const { url, targets } = await startFlow(t, 1, (target) => `target: ${target}`);
    const { port } = url;
    for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example"]) {
      const { status, text } = await byName(url, "GET", "/tasks", host);
      assert.deepEqual([status, (JSON.parse(text) as { field: string }).field], [403, "Host"], host);
    }
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      assert.equal((await byName(url, "GET", "/tasks", host)).status, 200, host);
    }
    // What goes to the service is the service's business.
    const { status, text } = await byName(url, "POST", "/x", "shop.example");
    assert.equal(status, 202);
    await outcome(url, (JSON.parse(text) as { task_id: string }).task_id);
    assert.equal(targets[0]!.seen.length, 1);
  });
});

/** A request under another name of the server. */
function byName(
  { hostname, port }: URL,
  method: string,
  path: string,
  host: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { Host: host } }, (response) => {
      let text = "";
      response.on("data", (piece: Buffer) => (text += piece.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end();
  });
}
