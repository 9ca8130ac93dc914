// Watching: what clients are told while it happens, over lost connections, restarts and crashes.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { call, eventually, outcome, submit } from "../rig/client.ts";
import { type Gateway, startGateway } from "../rig/gateway.ts";
import { type Listener, listen, type SeenEvent } from "../rig/sse.ts";
import { startTarget } from "../rig/target.ts";

/** A linear congruential generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

const state = ({ event, data }: SeenEvent): string => `${event} ${data.status} ${data.attempt ?? ""}`.trim();

/** Follows a stream to its end as a browser does, and is cut after every few events; `events` gets them as they come. */
async function followCut(
  t: TestContext,
  gateway: Gateway,
  path: string,
  nextCut: () => number,
  isLast: (event: SeenEvent) => boolean,
  events: SeenEvent[] = [],
): Promise<{ readonly events: readonly SeenEvent[]; readonly connections: number }> {
  let lastEventId = "";
  let connections = 0;
  for (;;) {
    let left = nextCut();
    let stream: Listener;
    try {
      stream = await listen(gateway.url, path, {
        lastEventId,
        onEvent(event, cut) {
          events.push(event);
          if ((left -= 1) <= 0 || isLast(event)) cut();
        },
      });
    } catch {
      // Nobody listens for a moment.
      t.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    connections += 1;
    if (stream.status === 204) break;
    await stream.ended;
    ({ lastEventId } = stream);
    if (events.some(isLast)) break;
  }
  return { events, connections };
}

test("a client that is cut again and again is told every state of its task once", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, {
    // What fails here is not to keep the others from being tried.
    file: `
targets: { busy: { urls: [${target.url.origin}], circuit: { failures: 0 }, retry_budget: 100% } }
routes:
  - name: default
    match: /**
    target: busy
    max_concurrent: 100
    retry: { backoff: { initial: 30ms, max: 30ms, jitter: none } }
`,
    args: ["--max-attempts", "4"],
  });
  // Each is there before its task begins.
  await call(gateway.url, { method: "POST", path: "/lanes/default/pause" });
  const seen = Array.from({ length: 12 }, (): SeenEvent[] => []);
  const followed = seen.map(async (events, i) => {
    const dice = random(i + 1);
    const id = await submit(gateway.url, { path: "/status/503" });
    return followCut(
      t,
      gateway,
      `/task/${id}/events`,
      () => 1 + Math.floor(dice() * 4),
      ({ event }) => event === "final",
      events,
    );
  });
  await eventually(
    () => seen,
    (all) => all.every(({ length }) => length > 0),
  );
  await call(gateway.url, { method: "POST", path: "/lanes/default/resume" });
  const all = [
    "state pending",
    ...[1, 2, 3, 4].flatMap((n) => [`state processing ${n}`, `state pending ${n}`]),
  ].slice(0, -1);
  for (const { events, connections } of await Promise.all(followed)) {
    const states = events.filter(({ event }) => event !== "position").map(state);
    assert.deepEqual(states, [...all, "final failed"]);
    assert.ok(connections > 1);
  }
});

test("the stream of a task goes on over a stop and over a crash", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, {
    target: target.url,
    file: "routes:\n  - name: default\n    match: /**\n    max_concurrent: 1\n    idempotent: true\n",
    args: ["--drain-timeout", "0s", "--listen-port", "0"],
  });
  const id = await submit(gateway.url, { path: "/slow" });
  await target.received(1);
  const dice = random(7);
  const seen: SeenEvent[] = [];
  const hasSeen = (expected: string): Promise<unknown> =>
    eventually(
      () => seen.map(state),
      (states) => states.includes(expected),
      60_000,
    );
  const following = followCut(
    t,
    gateway,
    `/task/${id}/events`,
    () => 1 + Math.floor(dice() * 2),
    ({ event }) => event === "final",
    seen,
  );
  await hasSeen("state processing 1");
  gateway.kill("SIGTERM");
  await gateway.restart();
  await hasSeen("state processing 2");
  // It is told of before it is sent.
  await target.received(2);
  gateway.kill("SIGKILL");
  await gateway.restart();
  await hasSeen("state processing 3");
  await target.received(3);
  target.release();
  await following;
  assert.deepEqual(
    seen.filter(({ event }) => event !== "position").map((event) => `${state(event)} ${event.data.reason}`),
    [
      "state processing 1 running",
      "state pending 1 interrupted",
      "state processing 2 running",
      "state pending 2 node_lost",
      "state processing 3 running",
      "final completed completed",
    ],
  );
  assert.equal((await listen(gateway.url, `/task/${id}/events`, { lastEventId: "end" })).status, 204);
});

test("a client of all tasks that is cut again and again is told everything once", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, { target: target.url, args: ["--store", "memory"] });
  const dice = random(3);
  const ids: string[] = [];
  const first = await listen(gateway.url, "/events?types=task");
  const following = followCut(
    t,
    gateway,
    "/events?types=task",
    () => 1 + Math.floor(dice() * 7),
    ({ event, data }) => event === "final" && data.task_id === ids[99],
  );
  // What came before a client is not theirs to miss: this one comes after the other.
  const later = await listen(gateway.url, "/events?types=stats");
  await later.until(({ event }) => event === "stats");
  later.cut();
  for (let i = 0; i < 100; i++) ids.push(await submit(gateway.url, { path: "/echo" }));
  await outcome(gateway.url, ids[99]!);
  const { events, connections } = await following;
  await first.until(({ event, data }) => event === "final" && data.task_id === ids[99]);
  assert.ok(connections > 20);
  const seen = events.map(({ id, event, data }) => `${id} ${event} ${data.task_id} ${data.status}`);
  assert.equal(new Set(seen).size, seen.length);
  const whole = first.events.map(({ id, event, data }) => `${id} ${event} ${data.task_id} ${data.status}`);
  assert.deepEqual(seen, whole.slice(whole.length - seen.length));
  assert.equal(seen.length, 300);

  const reset = await listen(gateway.url, "/events", { lastEventId: "00000000-1" });
  assert.equal((await reset.until(() => true)).event, "reset");
  reset.cut();
  first.cut();
});

test("streams do not keep a node from stopping", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const gateway = await startGateway(t, { target: target.url });
  const id = await submit(gateway.url, { path: "/echo", headers: ["Headgate-Delay", "1h"] });
  const streams = await Promise.all([
    listen(gateway.url, `/task/${id}/events`),
    listen(gateway.url, "/events"),
  ]);
  await streams[0].until(({ event }) => event === "position");
  gateway.kill("SIGTERM");
  await Promise.all(streams.map(({ ended }) => ended));
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  assert.doesNotMatch(gateway.output, /connections cut/);
});
