// RELIABILITY.md, the rows about targets: what became of the request is told honestly, in time, and nobody else notices.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoredRequest } from "../../src/task/task.ts";
import { type Behaviour, byPath, echo, raw, rawThen } from "../rig/behaviour.ts";
import { startStopwatch } from "../rig/stopwatch.ts";
import { bytesOf, echoOf, inline, type SendOptions, stage, type Stage } from "./stage.ts";

interface Fault {
  readonly name: string;
  readonly path: string;
  readonly code: string;
  readonly request?: Partial<StoredRequest>;
  readonly timeoutMs?: number;
}

const LARGE = { kind: "file", name: "zeros", sizeBytes: 20_000_000 } as const;
const SOON = { timeoutMs: 1_000 };

const BROKEN: readonly Fault[] = [
  { name: "hangs", path: "/hang", code: "http_response_timeout", ...SOON },
  {
    name: "never reads the body",
    path: "/deaf",
    code: "http_response_timeout",
    request: { body: LARGE },
    ...SOON,
  },
  { name: "trickles its body", path: "/trickle", code: "http_response_timeout", ...SOON },
  { name: "trickles its headers", path: "/trickle-head", code: "http_response_timeout", ...SOON },
  { name: "trickles 1xx", path: "/informational-trickle", code: "http_response_timeout", ...SOON },
  { name: "floods 1xx", path: "/informational", code: "http_protocol_error" },
  { name: "sends 200 KB of headers", path: "/huge-headers", code: "http_response_header_section_size" },
  { name: "resets in its body", path: "/reset-mid-body", code: "http_response_incomplete" },
  { name: "resets in a body without length", path: "/reset-mid-stream", code: "http_response_incomplete" },
  { name: "resets unanswered", path: "/reset-unanswered", code: "connection_terminated" },
  { name: "closes unanswered", path: "/close-unanswered", code: "connection_terminated" },
  { name: "sends less than its Content-Length", path: "/long-length", code: "http_response_incomplete" },
  { name: "cuts a chunk", path: "/cut-chunk", code: "http_response_incomplete" },
  { name: "sends a malformed chunk", path: "/bad-chunk", code: "http_response_transfer_coding" },
  { name: "adds a coding nobody asked for", path: "/foreign-coding", code: "http_response_transfer_coding" },
  { name: "does not speak HTTP", path: "/invalid-http", code: "http_protocol_error" },
  { name: "answers 000", path: "/status-line/000", code: "http_protocol_error" },
  { name: "answers 099", path: "/status-line/99", code: "http_protocol_error" },
  { name: "answers 600", path: "/status-line/600", code: "http_protocol_error" },
  { name: "answers 999", path: "/status-line/999", code: "http_protocol_error" },
  { name: "changes the protocol", path: "/switch-protocols", code: "http_protocol_error" },
];

for (const { name, path, code, request, timeoutMs } of BROKEN) {
  test(`a target that ${name}: unknown, ${code}`, async (t) => {
    const { target, sinks, send } = await stage(t);
    const took = startStopwatch();
    const exchange = await send(
      { method: "POST", path, ...request },
      timeoutMs === undefined ? {} : { timeoutMs },
    );
    const tookMs = took();

    assert.ok(exchange.kind === "unknown", JSON.stringify(exchange));
    assert.equal(exchange.error.code, code);
    assert.match(exchange.error.message, new RegExp(target.url.host));
    assert.ok(tookMs < (timeoutMs ?? 1_000) + 250, `took ${tookMs} ms`);
    assert.equal(sinks.open, 0);
    target.release();
    await target.closed(1);
    assert.equal(target.seen.length, 1);
    await undisturbed({ target, send }, 2);
  });
}

test("an endless answer: too large, with its status", async (t) => {
  const { target, sinks, send } = await stage(t);
  const exchange = await send({ path: "/endless" });
  assert.ok(exchange.kind === "too_large");
  assert.deepEqual([exchange.status, exchange.error.code], [200, "http_response_body_size"]);
  assert.equal(sinks.open, 0);
  await target.closed(1);
  await undisturbed({ target, send }, 2);
});

const SLOPPY: readonly { readonly name: string; readonly path: string; readonly bytes: string }[] = [
  { name: "sends more than its Content-Length", path: "/short-length", bytes: "0123456789" },
  { name: "sends a body with 204", path: "/no-content-with-body", bytes: "" },
  { name: "sends bytes after 204", path: "/no-content-with-bytes", bytes: "" },
  { name: "sends a second answer", path: "/extra-bytes", bytes: "0123456789" },
  { name: "sends garbage after the answer", path: "/extra-garbage", bytes: "0123456789" },
  { name: "closes after the answer", path: "/close-after", bytes: "0123456789" },
  { name: "resets after the answer", path: "/reset-after", bytes: "0123456789" },
];

for (const { name, path, bytes } of SLOPPY) {
  test(`a target that ${name}: answered, and the next tasks get their own answers`, async (t) => {
    const { target, send } = await stage(t);
    for (let round = 0; round < 5; round++) {
      assert.equal(bytesOf(await send({ path })).toString(), bytes);
      // A POST that is on its way when the connection ends would be ambiguous, and told so: another test.
      if (path.endsWith("-after")) await target.closed(target.connections);
      await undisturbed({ target, send }, 2);
    }
  });
}

test("an answer that comes before the body was sent is the answer", async (t) => {
  const { target, send } = await stage(t);
  const exchange = await send({ method: "POST", path: "/early", body: LARGE });
  assert.ok(exchange.kind === "answered");
  assert.equal(exchange.response.status, 413);
  await undisturbed({ target, send }, 2);
});

for (const method of ["GET", "POST", "PUT"]) {
  for (const end of ["close", "reset"] as const) {
    test(`a kept connection that ends with a ${end} as ${method} arrives: unknown, and sent once`, async (t) => {
      const { target, send } = await stage(t);
      target.next(echo, rawThen(end));
      await send({});
      const exchange = await send({ method });
      assert.ok(exchange.kind === "unknown");
      assert.equal(exchange.error.code, "connection_terminated");
      assert.deepEqual(
        target.seen.map(({ connection }) => connection),
        [1, 1],
      );
      await undisturbed({ target, send }, 1);
    });
  }
}

const LOSSES: Readonly<Record<string, (socket: Socket) => unknown>> = {
  "a reset": (socket) => socket.resetAndDestroy(),
  "an end": (socket) => socket.destroy(),
  garbage: (socket) => socket.write("\0garbage"),
  "an answer to nothing": (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen"),
};

for (const [what, lose] of Object.entries(LOSSES)) {
  test(`${what} on a free connection just before it is used: sent once, on a fresh one`, async (t) => {
    const { target, send } = await stage(t);
    let socket: Socket | undefined;
    target.next(async (call) => {
      await echo(call);
      socket = call.socket;
    });
    await send({});
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.ok(socket);
    lose(socket);
    // In the same tick: nothing of it can have been read yet.
    const exchange = await send({ method: "POST", headers: ["Token", "mine"] });
    assert.equal(echoOf(exchange).token, "mine");
    assert.deepEqual(
      target.seen.map(({ connection }) => connection),
      [1, 2],
    );
  });
}

for (const end of ["end", "resetAndDestroy"] as const) {
  test(`a target that keeps losing idle connections (${end}): each request is answered once or unknown`, async (t) => {
    const { target, send } = await stage(t);
    const answerAndLeave: Behaviour = async (call) => {
      await echo(call);
      setImmediate(() => call.socket[end]());
    };
    const answered: number[] = [];
    for (let round = 0; round < 300; round++) {
      target.next(answerAndLeave);
      const exchange = await send({ headers: ["Token", String(round)] });
      assert.ok(exchange.kind === "answered" || exchange.kind === "unknown", JSON.stringify(exchange));
      if (exchange.kind === "unknown") continue;
      assert.equal(echoOf(exchange).token, String(round));
      answered.push(round);
    }
    const seen = target.seen.map(({ token }) => Number(token));
    assert.equal(new Set(seen).size, seen.length, "one was sent twice");
    assert.deepEqual(
      answered,
      answered.filter((round) => seen.includes(round)),
    );
    assert.ok(answered.length > 0);
  });
}

test("an idle connection is given up before a usual target gives it up", async (t) => {
  const { target, send } = await stage(t);
  await send({});
  const idle = startStopwatch();
  await target.closed(1);
  assert.ok(idle() < 2_000);
});

test("a target that says how long it keeps a connection is believed", async (t) => {
  const { target, send } = await stage(t);
  target.next(raw("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n"));
  await send({});
  await target.closed(1);
  await undisturbed({ target, send }, 2);
  assert.equal(target.connections, 2);
});

test("a scripted path that does not exist echoes", () => {
  assert.equal(byPath("/constructor"), echo);
});

/** Tasks on the same sender, one after the other, get answers that were made for them. */
async function undisturbed({ send }: Pick<Stage, "target" | "send">, count: number): Promise<void> {
  const options: SendOptions = { timeoutMs: 2_000 };
  for (let i = 0; i < count; i++) {
    const token = `undisturbed-${i}`;
    const exchange = await send({ method: "POST", headers: ["Token", token], body: inline(token) }, options);
    assert.equal(echoOf(exchange).token, token);
  }
}
