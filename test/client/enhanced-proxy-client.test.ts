import assert from "node:assert/strict";
import { test } from "node:test";
import { EnhancedProxyClient } from "../../client/enhanced-proxy-client.ts";
import { json, problem, type Reply, startStandIn } from "../cli/stand-in.ts";
import { taskWith } from "../cli/task.ts";

const LARGE = json(
  taskWith({
    status: "completed",
    completed_at: "2026-02-04T03:04:05.678Z",
    response: { status: 200, headers: {}, size_bytes: 2_000_000 },
  }),
);

function answer(type: string, body: string | Uint8Array): Reply {
  return (response) => void response.setHeader("Content-Type", type).end(body);
}

test("an answer that is too large for the task is in it all the same", async (t) => {
  const bytes = new Uint8Array(20_000).fill(0xff);
  for (const [reply, result, encoding] of [
    [answer("application/json; charset=utf-8", '{"a": "文"}'), { a: "文" }, undefined],
    [answer("application/json", "not JSON"), "not JSON", undefined],
    [answer("text/plain", "文"), "文", undefined],
    [answer("application/octet-stream", bytes), Buffer.from(bytes).toString("base64"), "base64"],
    [problem(410, "gone", "It is no longer kept."), null, undefined],
  ] as const) {
    const server = await startStandIn(t, {
      "GET /task/t": LARGE,
      "GET /task/t?wait=30.000": LARGE,
      "GET /task/t/result": reply,
    });
    const client = new EnhancedProxyClient(server.url);
    for (const task of [await client.wait_for_task("t"), await client.get_task_status("t")]) {
      assert.deepEqual([task.result, task.result_encoding], [result, encoding]);
    }
  }
});
