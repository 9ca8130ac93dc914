// Many tasks cancelled or retried in one call.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { batchOutcome, post, type Problem, submittedBatch } from "../rig/batch.ts";
import { status } from "../rig/behaviour.ts";
import { call, outcome, submit, type TaskView } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

const owner = { after };
const target = await startTarget();
owner.after(() => target.close());
const { url } = await startGateway(owner, { target: target.url, args: ["--max-concurrent", "2"] });

interface BulkView {
  readonly matched: number;
  readonly cancelled?: number;
  readonly retried?: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly more: boolean;
  readonly next_cursor?: string | null;
}

test("cancel by filter: those that wait and those that run, and no others", async () => {
  const seen = target.seen.length;
  const { batch_id: id } = await submittedBatch(
    url,
    Array.from({ length: 60 }, () => ({ path: "/hang/many" })),
  );
  const other = await submit(url, { path: "/ok/other" });
  await target.received(seen + 2);
  const counted = (await post(url, "/tasks/cancel", { batch: id, dry_run: true })).json<BulkView>();
  assert.deepEqual([counted.matched, counted.cancelled, counted.more], [60, 0, false]);
  const waiting = (await post(url, "/tasks/cancel", { batch: id, status: "pending" })).json<BulkView>();
  assert.deepEqual([waiting.matched, waiting.cancelled], [58, 58]);
  const rest = await post(url, "/tasks/cancel", { path: "/hang/many" });
  assert.deepEqual(rest.json<BulkView>(), {
    success: true,
    matched: 2,
    cancelled: 2,
    skipped: {},
    more: false,
  });
  assert.equal((await batchOutcome(url, id)).tasks["cancelled"], 60);
  assert.equal((await outcome(url, other)).status, "completed");
});

test("retry by filter: new tasks from those that failed, each once", async () => {
  target.next(...Array.from({ length: 5 }, () => status(500)));
  const { batch_id: id, task_ids: ids } = await submittedBatch(
    url,
    Array.from({ length: 5 }, (_, i) => ({ path: `/ok?again=${i}` })),
  );
  assert.equal((await batchOutcome(url, id)).tasks["failed"], 5);
  const retried = (await post(url, "/tasks/retry", { batch: id })).json<BulkView>();
  assert.deepEqual(
    [retried.matched, retried.retried, retried.more, retried.next_cursor],
    [5, 5, false, null],
  );
  const list = await call(url, { path: "/tasks?path=/ok%3Fagain&limit=5" });
  const again = list.json<{ tasks: readonly TaskView[] }>().tasks;
  assert.deepEqual(new Set(again.map(({ retry_of: old }) => old)), new Set(ids));
  for (const { task_id } of again) assert.equal((await outcome(url, task_id)).status, "completed");
  assert.equal(
    (await post(url, "/tasks/retry", { batch: id, status: "completed" })).json<BulkView>().matched,
    0,
  );
});

test("a bulk call wants a filter, and knows its members", async () => {
  const cases: readonly [string, unknown, string?][] = [
    ["cancel", {}],
    ["cancel", { dry_run: true }],
    ["retry", {}],
    ["cancel", { all: true, route: "default" }, "all"],
    ["cancel", { all: false }, "all"],
    ["cancel", { status: "completed" }, "status"],
    ["retry", { status: "pending" }, "status"],
    ["cancel", { statuss: "pending" }, "statuss"],
    ["cancel", { since: "yesterday" }, "since"],
    ["retry", { batch: "x" }, "batch"],
    ["retry", { all: true, cursor: "x" }, "cursor"],
  ];
  for (const [what, body, field] of cases) {
    const answer = await post(url, `/tasks/${what}`, body);
    assert.equal(answer.status, 400, `${JSON.stringify(body)} ${answer.text}`);
    assert.equal(answer.json<Problem>().field, field, answer.text);
  }
  const none = await post(url, "/tasks/cancel", { all: true });
  assert.deepEqual([none.status, none.json<BulkView>().more], [200, false]);
});
