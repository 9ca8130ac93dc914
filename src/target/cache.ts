import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Dispatcher, interceptors } from "undici";
import type { CacheConfig, LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Exchange } from "../task/exchange.ts";
import type { Body, ClaimedTask } from "../task/task.ts";
import { withStatus } from "./cache-answer.ts";
import { createCalls } from "./cache-call.ts";
import type { CacheOptions } from "./cache-file.ts";
import {
  cachedUrl,
  type CacheKeysSettings,
  createCacheKeys,
  OF_ONE_REQUEST,
  reasonToBypass,
} from "./cache-key.ts";
import { placeIn, type PlaceSettings } from "./cache-place.ts";
import { type CacheStore, openCacheStore } from "./cache-store.ts";
import { Visit } from "./cache-visit.ts";
import type { AnswerSink } from "./sending.ts";

/**
 * The cache in front of the pools (RFC 9111), for lanes that ask for one. undici's interceptors decide what is kept, what
 * is fresh and which requests are the same; the target is reached by `forward` as ever, with all its promises.
 *
 *   request ─▶ deduplicate ─▶ cache ─▶ call ─▶ forward (pool, target)
 */
export interface Caching {
  /** Answers from the cache, by another's call or by `forward`; never rejects. */
  send(task: ClaimedTask, lane: LaneConfig, signal: AbortSignal): Promise<Exchange>;
  /** To be called when nothing is under way any more. */
  close(): void;
}

export interface CachingSettings extends PlaceSettings, CacheKeysSettings {
  /** Where the cache's file is; null for one in memory. */
  readonly folder: string | null;
  /** What the pool leads to: its targets' URLs. Answers are given again only while that is the same. */
  readonly identityOf: (pool: string) => string;
  readonly maxResponseBytes: number;
  readonly receive: (maxBytes: number) => AnswerSink;
  readonly readBody: (body: Body) => Readable;
  readonly copyBody: (body: Body) => Promise<Body>;
  readonly discardBody: (body: Body) => Promise<void>;
  readonly clock: Clock;
  /** The cache is broken, which no request notices. */
  readonly onError: (error: Error) => void;
}

/** A request at the interceptors, with the cache that it is for. */
interface LookUpOptions extends Dispatcher.DispatchOptions {
  readonly dispatch: Dispatcher.Dispatch;
}

const METHODS: ("GET" | "HEAD")[] = ["GET", "HEAD"];

const CACHED: ReadonlySet<string> = new Set(METHODS);

/** RFC 9110 9.2.1: after any other, stored answers may be wrong. */
const SAFE: ReadonlySet<string> = new Set([...METHODS, "OPTIONS", "TRACE"]);

export function createCaching(settings: CachingSettings): Caching {
  const { clock, folder, forward, identityOf, isSecret } = settings;
  const { keyOf, likelyPartitions } = createCacheKeys(settings);
  const filePath = folder === null ? null : join(folder, "cache.db");
  const newSink = (): AnswerSink => settings.receive(settings.maxResponseBytes);
  const callTarget = createCalls({ ...settings, newSink });
  const caches = new Map<string, Dispatcher.Dispatch>();
  let opened: CacheStore | null = null;

  const coalesce = interceptors.deduplicate({ methods: METHODS, excludeHeaderNames: [...OF_ONE_REQUEST] });
  const lookUpTogether = coalesce(lookUp);

  function lookUp(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { dispatch } = options as LookUpOptions;
    return dispatch(options, handler);
  }

  function store(): CacheStore {
    opened ??= openCacheStore({ path: filePath, isSecret, onError: settings.onError });
    return opened;
  }

  function cacheFor(isPrivate: boolean, { defaultTtlMs }: CacheConfig): Dispatcher.Dispatch {
    const name = `${isPrivate} ${defaultTtlMs}`;
    const known = caches.get(name);
    if (known !== undefined) return known;
    const options: CacheOptions = {
      methods: METHODS,
      type: isPrivate ? "private" : "shared",
      store: isPrivate ? store().private : store().shared,
      // In ms: undici 8.12 adds it to instants, though its documentation says seconds.
      ...(defaultTtlMs === null || isPrivate ? {} : { cacheByDefault: defaultTtlMs }),
    };
    const made = interceptors.cache(options)(callTarget);
    caches.set(name, made);
    return made;
  }

  async function visit(
    task: ClaimedTask,
    pool: string,
    cache: CacheConfig,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const { method, path } = task.request;
    const url = cachedUrl(pool, identityOf(pool), path);
    const { partition, isPrivate, headers } = keyOf(task.request, url, store().generationOf(url));
    const place = placeIn(pool, settings);
    const startedAt = clock.monotonicMs();
    const dispatch = cacheFor(isPrivate, cache);
    const options = { origin: partition, method, path, headers, dispatch };
    const kept = isPrivate ? store().private : store().shared;
    for (;;) {
      const left = { ...task, timeoutMs: Math.max(0, task.timeoutMs - (clock.monotonicMs() - startedAt)) };
      const visitor = new Visit({ task: left, place, store: kept, signal }, isPrivate, {
        ...settings,
        newSink,
      });
      const outcome = await visitor.enter(cache.coalesce ? lookUpTogether : dispatch, options);
      if (outcome === "again") continue;
      if (outcome === "alone") return withStatus(await place.forward(left, signal), "fwd=miss");
      if (visitor.call === null) place.giveBack();
      return outcome;
    }
  }

  /** RFC 9111 4.4. */
  function invalidate({ request }: ClaimedTask, { cache, pool }: LaneConfig, exchange: Exchange): void {
    const kept = cache === null ? opened : store();
    if (kept === null || exchange.kind !== "answered" || exchange.response.status >= 400) return;
    const { method, path } = request;
    const url = cachedUrl(pool, identityOf(pool), path);
    const former = kept.invalidate(url);
    if (former === null) return;
    // Nothing would find these, but a URL that is read and written in turn would fill the file with them.
    for (const origin of likelyPartitions(request, url, former)) kept.delete({ origin, method, path });
  }

  // Also a lane without a cache writes to what others have kept.
  if (filePath !== null && existsSync(filePath)) store();
  return {
    async send(task, lane, signal) {
      const { request } = task;
      const { cache, pool } = lane;
      if (!SAFE.has(request.method)) {
        const exchange = await forward(task, pool, signal);
        invalidate(task, lane, exchange);
        return exchange;
      }
      if (cache === null || !CACHED.has(request.method)) return forward(task, pool, signal);
      const reason = reasonToBypass(request);
      if (reason !== null) return withStatus(await forward(task, pool, signal), `fwd=${reason}`);
      return visit(task, pool, cache, signal);
    },
    close: () => opened?.close(),
  };
}
