import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import {
  createStreams,
  type EventStream,
  lastEventId,
  type StreamsSettings,
  writeEvent,
} from "../../src/api/sse.ts";
import { ANYONE, type Caller, type Role } from "../../src/task/caller.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { call } from "../rig/client.ts";
import { type Listener, listen } from "../rig/sse.ts";
import { openTelling } from "./telling.ts";

test("an event is its fields and an empty line; data with line breaks takes a field for each", () => {
  assert.equal(writeEvent({ id: "4-2", event: "state", data: "{}" }), "id: 4-2\nevent: state\ndata: {}\n\n");
  assert.equal(
    writeEvent({ event: "final", data: '{\r\n "a":\r"b"\n}' }),
    'event: final\ndata: {\ndata:  "a":\ndata: "b"\ndata: }\n\n',
  );
});

test("the header tells the last event's id, or else the query", () => {
  const query = { last_event_id: "2-2" };
  assert.equal(lastEventId({ headers: { "last-event-id": "1-1" }, query }), "1-1");
  assert.equal(lastEventId({ headers: {}, query }), "2-2");
  assert.equal(lastEventId({ headers: {}, query: {} }), null);
});

test("a stream says what it is, keeps no cache, and beats when nothing happens", async (t) => {
  const clock = createManualClock(Date.now());
  const { submit, listen } = await openTelling(t, { clock });
  const stream = await listen(`/task/${await submit()}/events`);
  assert.equal(stream.status, 200);
  assert.deepEqual(
    ["content-type", "cache-control", "x-accel-buffering"].map((name) => stream.headers[name]),
    ["text/event-stream; charset=utf-8", "no-store", "no"],
  );
  await stream.until(({ event }) => event === "position");
  assert.match(stream.text, /^retry: 2000\n\n/);
  const before = stream.text;
  for (let i = 1; i <= 2; i++) {
    clock.advance(15_000);
    while (stream.text.slice(before.length) !== ": \n\n".repeat(i)) await new Promise(setImmediate);
  }
});

test("HEAD is answered with the fields alone, and leaves nothing behind", async (t) => {
  const { submit, url } = await openTelling(t);
  for (const path of [`/task/${await submit()}/events`, "/events"]) {
    const answer = await listen(url, path, { method: "HEAD" });
    assert.deepEqual(
      [answer.status, answer.headers["content-type"], answer.headers["content-length"]],
      [200, "text/event-stream; charset=utf-8", undefined],
    );
    await answer.ended;
    assert.equal(answer.text, "");
  }
});

for (const what of ["events", "what was missed"] as const) {
  test(`whoever reads ${what} too slowly is cut`, { timeout: 55_000 }, (t) => readNothing(t, what));
}

async function readNothing(t: TestContext, what: "events" | "what was missed"): Promise<void> {
  const opened = Promise.withResolvers<EventStream>();
  const over = Promise.withResolvers<void>();
  const streams = createStreams(STREAMS);
  const { url } = await openTelling(t, {
    streams: {
      ...streams,
      open(request, reply, options) {
        const stream = streams.open(request, reply, {
          ...options,
          onEnd() {
            options.onEnd();
            over.resolve();
          },
        });
        opened.resolve(stream);
        return stream;
      },
    },
  });
  const socket = connect(Number(url.port), "127.0.0.1");
  t.after(() => socket.destroy());
  await once(socket, "connect");
  socket.pause();
  socket.write("GET /events?types=task HTTP/1.1\r\nHost: a\r\n\r\n");
  const stream = await opened.promise;
  let isOver = false;
  void over.promise.then(() => (isOver = true));
  let taken = 0;
  function* missed(): Iterable<string> {
    for (; ; taken++) yield writeEvent({ event: "state", data: "x".repeat(64 * 1024) });
  }
  if (what === "what was missed") stream.catchUp(missed());
  let sentBytes = 0;
  while (!isOver) {
    stream.send(writeEvent({ event: "state", data: "x".repeat(64 * 1024) }));
    sentBytes += 64 * 1024;
    assert.ok(sentBytes < 64 * 1024 * 1024, "it was never cut");
    await new Promise(setImmediate);
  }
  assert.ok(taken < 1_000, "no more is taken than the client reads");
}

const STREAMS: StreamsSettings = {
  mostStreams: 4,
  clock: createManualClock(),
  callerOf: () => ANYONE,
  holderOf: ({ headers }) => String(headers["key"]),
};

test("one stream more than may be open is refused, until one has ended; one client has half of them", async (t) => {
  const streams = createStreams(STREAMS);
  const { url, submit, listen } = await openTelling(t, { streams });
  const path = `/task/${await submit()}/events`;
  const open = await Promise.all([listen(path), listen("/events")]);
  for (const refused of [path, "/events"]) {
    const answer = await call(url, { path: refused });
    assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "5"], answer.text);
    assert.equal(answer.json<{ code: string }>().code, "too_many_clients");
  }
  open[0].cut();
  while (streams.count === 2) await new Promise(setImmediate);
  await listen("/events");
  assert.equal(streams.count, 2);
  for (const key of ["operator", "other"]) await listen("/events", { headers: { Key: key } });
  assert.equal((await call(url, { path: "/events", headers: ["Key", "third"] })).status, 503);
  assert.equal(streams.count, 4);
});

test("streams end when the node stops, and those that come later at once", async (t) => {
  const { submit, listen, stop } = await openTelling(t);
  const path = `/task/${await submit()}/events`;
  const open = await Promise.all([listen(path), listen("/events")]);
  await stop();
  await Promise.all(open.map(({ ended }) => ended));
  await (
    await listen(path)
  ).ended;
});

test("whoever is another by now, or nobody, loses their streams, and no others do", async (t) => {
  const clock = createManualClock(Date.now());
  const roles = new Map<string, Role>([
    ["gone", "read"],
    ["changed", "read"],
    ["same", "read"],
  ]);
  const callerOf = ({ headers }: IncomingMessage): Caller => {
    const name = String(headers["key"]);
    const role = roles.get(name);
    if (role === undefined) throw new Error("unknown");
    return { name, role, client: null };
  };
  const { submit, listen, emitter } = await openTelling(t, { clock, callerOf });
  const path = `/task/${await submit()}/events`;
  const watch = (name: string): Promise<Listener> => listen(path, { headers: { Key: name } });
  const [gone, changed, same] = [await watch("gone"), await watch("changed"), await watch("same")];
  roles.delete("gone");
  emitter.emit("key.changed", { name: "gone", change: "removed", by: null });
  await gone.ended;
  // A new configuration is noticed with the next heartbeat.
  roles.set("changed", "submit");
  await same.until(({ event }) => event === "position");
  const before = same.text;
  clock.advance(15_000);
  await changed.ended;
  while (same.text === before) await new Promise(setImmediate);
});
