// A scripted target, a sender to it and bodies in memory: what every test of this station needs.

import { Readable } from "node:stream";
import type { TestContext } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import { createSender, type Outgoing, type Sender, type SenderSettings } from "../../src/target/send.ts";
import type { AnswerSink } from "../../src/target/sending.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import { type Body, EMPTY_BODY, type StoredRequest } from "../../src/task/task.ts";
import { type ScriptedTarget, startTarget, type TargetOptions } from "../rig/target.ts";

export interface Stage {
  readonly target: ScriptedTarget;
  readonly sender: Sender;
  /** Sinks that were opened and neither finished nor aborted. */
  readonly sinks: { open: number };
  send(request: Partial<StoredRequest>, options?: SendOptions): Promise<Exchange>;
}

export interface SendOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly attempt?: number;
}

export async function stage(
  t: TestContext,
  settings: Partial<SenderSettings> & TargetOptions = {},
): Promise<Stage> {
  const target = await startTarget(settings);
  const sinks = { open: 0 };
  const sender = createSender({ ...senderSettings(target.url, sinks), ...settings });
  t.after(async () => {
    await target.close();
    await sender.close();
  });
  return {
    target,
    sender,
    sinks,
    send: (request, options = {}) =>
      sender.send(outgoing(request, options), options.signal ?? new AbortController().signal),
  };
}

export function senderSettings(base: URL, sinks: { open: number } = { open: 0 }): SenderSettings {
  return {
    base,
    pseudonym: "headgate-test",
    connectTimeoutMs: 2_000,
    maxResponseBytes: 1_000_000,
    preserveHost: false,
    progressFields: () => [],
    receive: (maxBytes) => memorySink(maxBytes, sinks),
    readBody: readGenerated,
    clock: createClock(),
  };
}

export function outgoing(request: Partial<StoredRequest>, options: SendOptions = {}): Outgoing {
  return {
    lease: { taskId: "0190f3c2-7a5e-7000-8000-000000000001", node: "n", epoch: 1 },
    request: { method: "GET", path: "/echo", headers: [], body: EMPTY_BODY, ...request },
    attempt: options.attempt ?? 1,
    timeoutMs: options.timeoutMs ?? 60_000,
  };
}

export function inline(text: string): Body {
  return { kind: "inline", bytes: Buffer.from(text) };
}

/** The bytes of an answer that is expected to be there. */
export function bytesOf(exchange: Exchange): Buffer {
  if (exchange.kind !== "answered") throw new Error(`not answered: ${JSON.stringify(exchange)}`);
  const { body } = exchange.response;
  return body.kind === "inline" ? Buffer.from(body.bytes) : Buffer.alloc(0);
}

/** What `echo` saw. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly token: string | null;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export function echoOf(exchange: Exchange): Echo {
  return JSON.parse(bytesOf(exchange).toString()) as Echo;
}

function memorySink(maxBytes: number, sinks: { open: number }): AnswerSink {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  sinks.open += 1;
  return {
    write(chunk) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) throw new HeadgateError("body_too_large", "too large");
      chunks.push(chunk);
      return undefined;
    },
    finish: async () => {
      sinks.open -= 1;
      return { kind: "inline", bytes: Buffer.concat(chunks) };
    },
    abort: async () => {
      sinks.open -= 1;
    },
  };
}

/** A "file" of as many zeros as its size says; `broken` fails before its first byte, `cut` in the middle. */
function readGenerated(body: Body): Readable {
  if (body.kind !== "file") throw new Error("only files are read");
  let left = body.sizeBytes;
  return new Readable({
    highWaterMark: 64 * 1024,
    read(size) {
      if (body.name === "broken" || (body.name === "cut" && left < body.sizeBytes / 2)) {
        this.destroy(new Error("the disk is broken"));
        return;
      }
      const piece = Math.min(left, size);
      left -= piece;
      this.push(piece === 0 ? null : Buffer.alloc(piece));
    },
  });
}
