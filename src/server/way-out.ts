import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/error.ts";
import type { BodyStore } from "../store/store.ts";
import { createCaching } from "../target/cache.ts";
import type { Pools } from "../target/pools.ts";
import type { Exchange } from "../task/exchange.ts";
import type { ClaimedTask, RawHeaders } from "../task/task.ts";
import type { Secrets } from "./secrets.ts";
import type { Send, Tracing } from "./tracing.ts";

/** From a claimed task to its target: its attempt is recorded, its secrets are opened, the cache is asked, a target called. */
export interface WayOut {
  /** Uses up a place in the pool; never rejects. */
  readonly send: Send;
  /** To be called when nothing is under way any more. */
  close(): void;
}

export interface WayOutSettings {
  /** The data folder; null when everything is in memory. */
  readonly folder: string | null;
  readonly pools: Pools;
  readonly laneNamed: (name: string) => LaneConfig | null;
  readonly bodies: BodyStore;
  readonly maxResponseBytes: number;
  readonly secrets: Secrets;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

export function createWayOut(settings: WayOutSettings): WayOut {
  const { pools, bodies, secrets, tracing } = settings;
  const giveBack = (pool: string): void => pools.capacityOf(pool).giveBack(1);

  const caching = createCaching({
    ...settings,
    forward: pools.send,
    giveBack,
    reserve: (pool, lane) => pools.capacityOf(pool).reserve(lane, 1) === 1,
    identityOf: pools.identityOf,
    key: secrets.deriveKey("cache"),
    isSecret: secrets.fields.has,
    receive: bodies.receive,
    readBody: bodies.read,
    copyBody: bodies.copy,
    discardBody: bodies.discard,
  });

  function forward(task: ClaimedTask, pool: string, signal: AbortSignal): Promise<Exchange> {
    const lane = settings.laneNamed(task.lane);
    // A lane may have gone, or changed its pool, since the place was taken.
    return lane === null || lane.pool !== pool
      ? pools.send(task, pool, signal)
      : caching.send(task, lane, signal);
  }

  async function open(task: ClaimedTask, pool: string, signal: AbortSignal): Promise<Exchange> {
    const { request } = task;
    let headers: RawHeaders;
    try {
      headers = secrets.vault.open(request.headers);
    } catch (thrown) {
      giveBack(pool);
      return unopened(thrown);
    }
    return forward(
      headers === request.headers ? task : { ...task, request: { ...request, headers } },
      pool,
      signal,
    );
  }

  return { send: tracing.attempt(open), close: caching.close };
}

/** No other try would open it, and nothing goes out in its place. */
function unopened(thrown: unknown): Exchange {
  const error = { code: "http_request_error", message: toError(thrown).message };
  return { kind: "never_sent", target: null, error };
}
