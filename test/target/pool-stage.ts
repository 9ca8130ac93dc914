// Scripted targets, pools over them and a clock that stands still: health, circuits and Retry-After move only when a
// test moves it, while the requests themselves go over real sockets.

import type { TestContext } from "node:test";
import type { PoolConfig, TargetConfig } from "../../src/config/config.ts";
import { createPools, type Pools } from "../../src/target/pools.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { ClaimedTask, StoredRequest } from "../../src/task/task.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";
import { type ScriptedTarget, startTarget } from "../rig/target.ts";
import { claimed } from "../task/claimed.ts";
import { outgoing, senderSettings } from "./stage.ts";

export interface PoolStage {
  readonly targets: readonly ScriptedTarget[];
  readonly pools: Pools;
  readonly clock: ManualClock;
  /** What was emitted, in order, by name. */
  readonly events: readonly Emitted[];
  /** Pools that may have room again, in the order in which that was told. */
  readonly rooms: string[];
  /** The configuration the pools began with. */
  readonly config: PoolConfig;
  /** Resolves when an event of this name is emitted, from now on. */
  emitted(name: keyof TaskEvents): Promise<void>;
  /** Takes a place and sends; each task has an id of its own. */
  send(request?: Partial<StoredRequest>, options?: PoolSendOptions): Promise<Exchange>;
}

export type Emitted = { readonly name: keyof TaskEvents; readonly payload: unknown };

export interface PoolSendOptions extends Partial<Omit<ClaimedTask, "request" | "lease">> {
  readonly id?: string;
  readonly pool?: string;
  readonly signal?: AbortSignal;
}

export interface PoolStageOptions {
  readonly targets?: number;
  readonly each?: Partial<TargetConfig>;
  readonly pool?: Partial<PoolConfig>;
}

export function newPool(urls: readonly URL[], { each = {}, pool = {} }: PoolStageOptions = {}): PoolConfig {
  return {
    name: "default",
    targets: urls.map((url) => ({ url, weight: 1, maxConcurrent: null, ...each })),
    balance: { by: "round_robin" },
    health: null,
    circuit: { failures: 3, openMs: 1_000, maxOpenMs: 8_000 },
    retryBudget: 0.1,
    ...pool,
  };
}

export async function poolStage(t: TestContext, options: PoolStageOptions = {}): Promise<PoolStage> {
  const targets = await Promise.all(Array.from({ length: options.targets ?? 1 }, () => startTarget()));
  const clock = createManualClock();
  const events: Emitted[] = [];
  const rooms: string[] = [];
  const awaited = new Map<keyof TaskEvents, PromiseWithResolvers<void>>();
  const config = newPool(
    targets.map(({ url }) => url),
    options,
  );
  const pools = createPools({
    ...senderSettings(new URL("http://unused.invalid")),
    clock,
    pools: [config],
    random: () => 0.5,
    emit(name, payload) {
      events.push({ name, payload });
      awaited.get(name)?.resolve();
      awaited.delete(name);
    },
    onRoom: (pool) => rooms.push(pool),
    onError: (thrown) => {
      throw thrown;
    },
  });
  let sent = 0;
  t.after(async () => {
    await Promise.all(targets.map((target) => target.close()));
    await pools.close();
  });
  return {
    targets,
    pools,
    clock,
    events,
    rooms,
    config,
    emitted(name) {
      const event = awaited.get(name) ?? Promise.withResolvers<void>();
      awaited.set(name, event);
      return event.promise;
    },
    send(request = {}, { id, pool = "default", signal, ...changes } = {}) {
      const task = claimed({ ...outgoing(request), ...changes });
      const lease = { ...task.lease, taskId: id ?? `task-${++sent}` };
      pools.capacityOf(pool).reserve(task.lane, 1);
      return pools.send({ ...task, lease }, pool, signal ?? new AbortController().signal);
    },
  };
}

/** A port where nobody listens. */
export async function deadEnd(): Promise<URL> {
  const target = await startTarget();
  await target.close();
  return target.url;
}
