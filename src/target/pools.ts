import type { PoolConfig } from "../config/config.ts";
import type { Exchange } from "../task/exchange.ts";
import type { Capacity } from "../task/hold.ts";
import type { TargetState } from "../task/target-state.ts";
import type { ClaimedTask } from "../task/task.ts";
import { postponed } from "./ending.ts";
import { createPool, type Pool, type PoolSettings } from "./pool.ts";
import type { Target } from "./target.ts";

/** Every way out: the pools of targets that lanes send to, by name. */
export interface Pools {
  /** A pool that is not configured has no room. */
  capacityOf(pool: string): Capacity;
  /**
   * Sends a task to a target of the pool, and to others when it could not be reached; never rejects. Uses up one
   * reserved place. `timeoutMs` covers all of it.
   */
  send(task: ClaimedTask, pool: string, signal: AbortSignal): Promise<Exchange>;
  /** The target that a running task is at now. */
  targetOf(taskId: string): string | null;
  /** Where the pool leads: its targets, one a line. */
  identityOf(pool: string): string;
  states(): readonly TargetState[];
  /**
   * Targets that stay in their pool keep their state and their connections. Those that are gone finish what they have,
   * and then close.
   */
  configure(pools: readonly PoolConfig[]): void;
  /** Begins the active checks. */
  start(): void;
  /** Lets what is under way end, and closes all connections. */
  close(): Promise<void>;
}

export interface PoolsSettings extends Omit<
  PoolSettings,
  "whereabouts" | "former" | "formerlyAt" | "onFormerEnd"
> {
  readonly pools: readonly PoolConfig[];
}

export function createPools(settings: PoolsSettings): Pools {
  const whereabouts = new Map<string, string>();
  const former = new Set<Target>();
  const poolSettings: PoolSettings = { ...settings, whereabouts, former, formerlyAt, onFormerEnd };
  const pools = new Map<string, Pool>();
  const leaving = new Set<Promise<void>>();
  let isStarted = false;

  function formerlyAt(url: string): number {
    let inFlight = 0;
    for (const target of former) if (target.url === url) inFlight += target.inFlight;
    return inFlight;
  }

  /** Its URL may be in any pool now, where its request counted. */
  function onFormerEnd(): void {
    for (const name of pools.keys()) settings.onRoom(name);
  }

  function configure(wanted: readonly PoolConfig[]): void {
    const names = new Set(wanted.map(({ name }) => name));
    for (const [name, pool] of pools) if (!names.has(name)) leave(name, pool);
    for (const config of wanted) {
      const known = pools.get(config.name);
      if (known !== undefined) known.configure(config);
      else enter(config);
    }
  }

  function enter(config: PoolConfig): void {
    const pool = createPool(config, poolSettings);
    pools.set(config.name, pool);
    if (isStarted) pool.start();
    settings.onRoom(config.name);
  }

  function leave(name: string, pool: Pool): void {
    pools.delete(name);
    const end = pool.close().finally(() => leaving.delete(end));
    leaving.add(end);
  }

  for (const config of settings.pools) pools.set(config.name, createPool(config, poolSettings));
  return {
    capacityOf: (pool) => pools.get(pool) ?? NO_POOL,
    send: (task, pool, signal) =>
      pools.get(pool)?.send(task, signal) ?? Promise.resolve(postponed("queued", null)),
    targetOf: (taskId) => whereabouts.get(taskId) ?? null,
    identityOf: (pool) => pools.get(pool)?.identity ?? "",
    states: () => [...pools.values()].flatMap((pool) => pool.states()),
    configure,
    start() {
      isStarted = true;
      for (const pool of pools.values()) pool.start();
    },
    async close() {
      await Promise.all([...leaving, ...[...pools.values()].map((pool) => pool.close())]);
    },
  };
}

const NO_POOL: Capacity = Object.freeze({
  reserve: () => 0,
  giveBack: () => {},
  hasRoom: () => false,
  hold: () => ({ kind: "no_route", until: null }) as const,
});
