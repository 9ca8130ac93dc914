// A cache in front of a sender to a scripted target, with bodies on a real disk.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CacheConfig, LaneConfig } from "../../src/config/config.ts";
import { createClock } from "../../src/lib/clock.ts";
import { openBodyFiles } from "../../src/store/files/body-files.ts";
import { type Caching, createCaching } from "../../src/target/cache.ts";
import { createSender } from "../../src/target/send.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import { headerValue } from "../../src/task/header.ts";
import type { Body, ClaimedTask, StoredRequest } from "../../src/task/task.ts";
import { newLane } from "../rig/lane.ts";
import { type ScriptedTarget, startTarget } from "../rig/target.ts";
import { type SendOptions, outgoing, senderSettings } from "./stage.ts";

export interface CacheStage {
  readonly target: ScriptedTarget;
  readonly folder: string;
  readonly lane: LaneConfig;
  /** Places of the pool that were given back unused, less those that were taken anew. */
  readonly unused: { count: number };
  /** How many more there are to be taken anew. */
  readonly free: { count: number };
  /** What the pools lead to. */
  readonly identity: { now: string };
  readonly errors: Error[];
  send(request?: Partial<StoredRequest>, options?: SendOptions & { lane?: LaneConfig }): Promise<Exchange>;
  /** The cache as the next process finds it. */
  restart(): void;
  bytes(exchange: Exchange): Promise<Buffer>;
  /** Files of bodies. */
  files(): Promise<readonly string[]>;
}

export interface CacheStageOptions {
  readonly cache?: Partial<CacheConfig>;
  readonly inMemory?: boolean;
  /** Writes what the cache finds. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly maxResponseBytes?: number;
}

/** The last two are configured to be; without that one would be a preference, and the other a field like any. */
const SECRETS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "set-cookie",
  "referer",
  "x-session",
]);

export async function cacheStage(t: TestContext, options: CacheStageOptions = {}): Promise<CacheStage> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-cache-"));
  await options.prepare?.(folder);
  const bodies = await openBodyFiles(join(folder, "bodies"), () => {});
  const target = await startTarget();
  const maxResponseBytes = options.maxResponseBytes ?? 10_000_000;
  const sender = createSender({
    ...senderSettings(target.url),
    maxResponseBytes,
    receive: bodies.receive,
    readBody: bodies.read,
  });
  const lane = newLane({ cache: { defaultTtlMs: null, coalesce: true, ...options.cache } });
  const unused = { count: 0 };
  const free = { count: Number.POSITIVE_INFINITY };
  const identity = { now: "http://a" };
  const held = { count: 0, least: 0 };
  const errors: Error[] = [];
  let caching = start();
  t.after(async () => {
    await target.close();
    await sender.close();
    caching.close();
    await bodies.close();
    await rm(folder, { recursive: true, force: true });
    assert.deepEqual(held, { count: 0, least: 0 }, "each place is used or given back, once");
  });

  function hold(places: 1 | -1): void {
    held.count += places;
    held.least = Math.min(held.least, held.count);
  }

  function start(): Caching {
    return createCaching({
      key: Buffer.alloc(32, 1),
      isSecret: (name) => SECRETS.has(name.toLowerCase()),
      folder: options.inMemory === true ? null : folder,
      forward(task, _pool, signal) {
        hold(-1);
        return sender.send(task, signal);
      },
      giveBack() {
        unused.count += 1;
        hold(-1);
      },
      reserve() {
        if (free.count === 0) return false;
        free.count -= 1;
        unused.count -= 1;
        hold(1);
        return true;
      },
      identityOf: () => identity.now,
      maxResponseBytes,
      receive: bodies.receive,
      readBody: bodies.read,
      copyBody: bodies.copy,
      discardBody: bodies.discard,
      clock: createClock(),
      onError: (error) => errors.push(error),
    });
  }

  return {
    target,
    folder,
    lane,
    unused,
    free,
    identity,
    errors,
    send(request = {}, given = {}) {
      hold(1);
      const { signal = new AbortController().signal } = given;
      return caching.send(claimed(request, given), given.lane ?? lane, signal);
    },
    restart() {
      caching.close();
      caching = start();
    },
    async bytes(exchange) {
      return exchange.kind === "answered" ? bytesOf(exchange.response.body) : Buffer.alloc(0);
    },
    files: () => readdir(join(folder, "bodies")),
  };

  async function bytesOf(body: Body): Promise<Buffer> {
    return Buffer.concat((await bodies.read(body).toArray()) as Buffer[]);
  }
}

let tasks = 0;

function claimed(request: Partial<StoredRequest>, options: SendOptions): ClaimedTask {
  const task = outgoing(request, options);
  tasks += 1;
  return {
    ...task,
    lease: { ...task.lease, taskId: `task-${tasks}` },
    lane: "default",
    client: "somebody",
    maxAttempts: 3,
    idempotent: true,
    createdAt: 0,
    startedAt: 0,
  };
}

/** What the cache says of an answer; the kind of an exchange that is none. */
export function cacheStatus(exchange: Exchange): string | undefined {
  return exchange.kind === "answered"
    ? headerValue(exchange.response.headers, "cache-status")
    : exchange.kind;
}

/** A 200 with these fields, and this text as its body. */
export function ok(text: string, ...fields: readonly string[]): string {
  return `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join("")}Content-Length: ${Buffer.byteLength(text, "latin1")}\r\n\r\n${text}`;
}
