// A target that reports how far its work is, as one would be written.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { call, eventually, look, outcome, type ProblemView, submit } from "../rig/client.ts";
import { type Owner, startGateway } from "../rig/gateway.ts";
import { listen } from "../rig/sse.ts";

interface Reporter {
  readonly url: URL;
  /** What Headgate gave with the latest request. */
  readonly given: { url: string; token: string };
  /** Says something of the latest request's work, and answers with what Headgate said. */
  report(said: object, token?: string): Promise<Response>;
  /** Lets the latest request be answered. */
  finish(): void;
  arrived(count: number): Promise<void>;
}

async function startReporter(owner: Owner): Promise<Reporter> {
  const given = { url: "", token: "" };
  let finish = (): void => {};
  const arrivals: PromiseWithResolvers<void>[] = [];
  const arrival = (n: number): PromiseWithResolvers<void> => (arrivals[n] ??= Promise.withResolvers<void>());
  let count = 0;
  const server = createServer((request: IncomingMessage, response) => {
    given.url = String(request.headers["headgate-progress-url"]);
    given.token = String(request.headers["headgate-progress-token"]);
    finish = () => void response.end("done");
    arrival((count += 1)).resolve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    given,
    report: (said, token = given.token) =>
      fetch(given.url, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "Headgate-Progress-Token": token },
        body: JSON.stringify(said),
      }),
    finish: () => finish(),
    arrived: (n) => arrival(n).promise,
  };
}

interface Said {
  readonly progress: { readonly percent: number | null; readonly message: string | null } | null;
}

test("what a target says is seen in the task and by whoever watches, and outlives a crash", async (t) => {
  const target = await startReporter(t);
  const gateway = await startGateway(t, {
    target: target.url,
    file: "routes:\n  - name: default\n    match: /**\n    idempotent: true\n",
  });
  const id = await submit(gateway.url, { path: "/report", body: "x" });
  const stream = await listen(gateway.url, `/task/${id}/events`);
  const all = await listen(gateway.url, "/events?types=task");
  await target.arrived(1);
  assert.equal(target.given.url, `${gateway.url.origin}/task/${id}/progress`);
  assert.equal((await target.report({ percent: 62, message: "page 31 of 50" })).status, 204);
  const { progress } = (await look(gateway.url, id)) as unknown as Said;
  assert.deepEqual([progress?.percent, progress?.message], [62, "page 31 of 50"]);
  for (const each of [stream, all]) {
    const { data } = await each.until(({ event }) => event === "progress");
    assert.deepEqual([data.task_id, data.percent, data.message], [id, 62, "page 31 of 50"]);
  }

  const first = { ...target.given };
  gateway.kill("SIGKILL");
  await gateway.restart();
  await target.arrived(2);
  // The attempt that died is over, and its token with it; the key behind both is the same.
  const again = { ...target.given };
  assert.equal((await target.report({ percent: 99 }, first.token)).status, 409);
  assert.equal(((await look(gateway.url, id)) as unknown as Said).progress, null);
  assert.equal((await target.report({ percent: 10 }, again.token)).status, 204);
  target.finish();
  const ended = await outcome(gateway.url, id);
  assert.deepEqual([ended.status, ended.attempts.length], ["completed", 2]);
  // Within a tenth of a second of the report before it would be taken without a look.
  const late = await eventually(
    () => target.report({ percent: 100 }),
    ({ status }) => status !== 202,
  );
  assert.deepEqual([late.status, ((await late.json()) as ProblemView).code], [409, "conflict"]);
});

test("a target that reports after every item is not slowed down, and the last report counts", async (t) => {
  const target = await startReporter(t);
  const gateway = await startGateway(t, { target: target.url });
  const id = await submit(gateway.url, { path: "/report" });
  await target.arrived(1);
  const all = await listen(gateway.url, "/events?types=task");
  const statuses = new Map<number, number>();
  const before = performance.now();
  for (let i = 1; i <= 500; i++) {
    const { status } = await target.report({ percent: i / 5 });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  const tookMs = performance.now() - before;
  assert.deepEqual(new Set(statuses.keys()), new Set([202, 204]));
  await all.until(({ event, data }) => event === "progress" && data.percent === 100);
  const { progress } = (await look(gateway.url, id)) as unknown as Said;
  assert.equal(progress?.percent, 100);
  // One in a tenth of a second is written down, whatever the machine can do.
  const most = Math.floor(tookMs / 100) + 1;
  assert.ok((statuses.get(204) ?? 0) <= most, `${JSON.stringify([...statuses])} in ${tookMs.toFixed()} ms`);
  all.cut();
  target.finish();
  await outcome(gateway.url, id);
});

test("--public-url is where targets are told to report to", async (t) => {
  const target = await startReporter(t);
  const gateway = await startGateway(t, {
    target: target.url,
    args: ["--public-url", "https://queue.example/base/"],
  });
  const answer = await call(gateway.url, { method: "POST", path: "/report" });
  const id = String(answer.headers["headgate-task-id"]);
  await target.arrived(1);
  assert.equal(target.given.url, `https://queue.example/base/task/${id}/progress`);
  target.finish();
});
