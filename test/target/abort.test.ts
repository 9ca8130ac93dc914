// Breaking off: the exchange ends at once, the socket is closed, and what was not sent stays unsent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { HeadgateError } from "../../src/lib/error.ts";
import { createSender } from "../../src/target/send.ts";
import type { AnswerSink } from "../../src/target/sending.ts";
import type { AbortReason } from "../../src/task/exchange.ts";
import { startTarget } from "../rig/target.ts";
import { outgoing, senderSettings, stage } from "./stage.ts";

const LARGE = { kind: "file", name: "zeros", sizeBytes: 20_000_000 } as const;

for (const reason of ["cancelled", "interrupted"] satisfies AbortReason[]) {
  for (const path of ["/hang", "/trickle", "/deaf"]) {
    test(`${reason} while the target is at ${path}`, async (t) => {
      const { target, sinks, send } = await stage(t);
      const controller = new AbortController();
      const sending = send({ method: "POST", path, body: LARGE }, { signal: controller.signal });
      await target.received(1);
      controller.abort(reason);
      const exchange = await sending;
      const name = target.url.origin;
      assert.deepEqual(
        exchange,
        reason === "cancelled" ? { kind: reason, target: name } : { kind: reason, target: name, sent: true },
      );
      assert.equal(sinks.open, 0);
      target.release();
      await target.closed(1);
      assert.equal((await send({})).kind, "answered");
      assert.equal(target.seen.length, 2);
    });
  }
}

test("an attempt that is broken off before it began is not begun", async (t) => {
  const { target, send } = await stage(t);
  const cancelled = await send({}, { signal: AbortSignal.abort("cancelled") });
  const interrupted = await send({}, { signal: AbortSignal.abort("interrupted") });
  assert.deepEqual(cancelled, { kind: "cancelled", target: target.url.origin });
  assert.deepEqual(interrupted, { kind: "interrupted", target: target.url.origin, sent: false });
  assert.equal(target.connections, 0);
});

for (const reason of ["cancelled", "interrupted"] satisfies AbortReason[]) {
  test(`${reason} while connecting: nothing is sent, and the socket is closed`, async (t) => {
    const blackHole = await startTarget();
    const sender = createSender(senderSettings(new URL(`https://${blackHole.url.host}`)));
    t.after(() => blackHole.close());
    const controller = new AbortController();
    const sending = sender.send(outgoing({}), controller.signal);
    setImmediate(() => controller.abort(reason));
    const exchange = await sending;
    assert.equal(exchange.kind, reason);
    if (exchange.kind === "interrupted") assert.equal(exchange.sent, false);
    await sender.close();
  });

  test(`${reason} between a free connection and the first byte: nothing is sent, and the connection is kept`, async (t) => {
    const { target, send } = await stage(t);
    await send({});
    for (const body of [LARGE, { kind: "empty" } as const]) {
      const controller = new AbortController();
      const sending = send({ body }, { signal: controller.signal });
      controller.abort(reason);
      const exchange = await sending;
      assert.equal(exchange.kind, reason);
      if (exchange.kind === "interrupted") assert.equal(exchange.sent, false);
      // undici looks at an idle connection once more before it uses it, and finds out then.
      for (let turn = 0; turn < 3; turn++) await nextTurn();
    }
    await send({});
    assert.equal(target.seen.length, 2);
    assert.equal(target.connections, 1);
  });
}

test("an answer that is complete is not undone", async (t) => {
  const finishing = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<void>();
  const receive = (): AnswerSink => ({
    write: () => undefined,
    finish: async () => {
      finishing.resolve();
      await stored.promise;
      return { kind: "empty" };
    },
    abort: async () => assert.fail("aborted"),
  });
  const { send } = await stage(t, { receive });
  const controller = new AbortController();
  const sending = send({}, { signal: controller.signal });
  await finishing.promise;
  controller.abort("cancelled");
  stored.resolve();
  assert.equal((await sending).kind, "answered");
});

const FULL = new HeadgateError("storage_full", "no space left");
const BROKEN_SINKS: Readonly<Record<string, Partial<AnswerSink>>> = {
  "throws when written to": {
    write: () => {
      throw FULL;
    },
  },
  "rejects later": { write: () => Promise.reject(FULL) },
  "cannot finish": { finish: () => Promise.reject(FULL) },
  "throws when finished": {
    finish: () => {
      throw FULL;
    },
  },
  "cannot even be aborted": { write: () => Promise.reject(FULL), abort: () => Promise.reject(FULL) },
};

for (const [what, broken] of Object.entries(BROKEN_SINKS)) {
  test(`an answer for which the sink ${what}: unknown, with the code of the disk`, async (t) => {
    const sink: AnswerSink = {
      write: () => undefined,
      finish: async () => ({ kind: "empty" }),
      abort: async () => {},
      ...broken,
    };
    const { send } = await stage(t, { receive: () => sink });
    const exchange = await send({ method: "POST" });
    assert.ok(exchange.kind === "unknown", JSON.stringify(exchange));
    assert.deepEqual(exchange.error, { code: "storage_full", message: "no space left" });
  });
}

test("a sink that cannot be opened, a body that cannot: values, no rejections", async (t) => {
  const fail = (): never => {
    throw FULL;
  };
  const unwritable = await stage(t, { receive: fail });
  assert.equal((await unwritable.send({})).kind, "unknown");
  const unreadable = await stage(t, { readBody: fail });
  assert.equal((await unreadable.send({ body: LARGE })).kind, "never_sent");
  assert.equal(unreadable.target.seen.length, 0);
});

test("closing waits for what is under way, and afterwards nothing is sent", async (t) => {
  const { target, sender, send } = await stage(t);
  const sending = send({ path: "/slow" });
  await target.received(1);
  const closing = sender.close();
  const late = await send({});
  assert.deepEqual(late, { kind: "interrupted", target: target.url.origin, sent: false });
  target.release();
  assert.equal((await sending).kind, "answered");
  await closing;
  await target.closed(1);
  assert.equal(target.seen.length, 1);
});
