import { rmSync, statSync } from "node:fs";
import { cacheStores, type interceptors } from "undici";
import { toError } from "../lib/error.ts";
import { STALE_AT } from "./cache-answer.ts";

export type CacheOptions = NonNullable<Parameters<typeof interceptors.cache>[0]>;
type AnyStore = NonNullable<CacheOptions["store"]>;
type SqliteStore = InstanceType<typeof cacheStores.SqliteCacheStore>;
export type StoreKey = Parameters<AnyStore["get"]>[0];
type StoreValue = Parameters<AnyStore["createWriteStream"]>[1];
export type StoredAnswer = Exclude<ReturnType<AnyStore["get"]>, Promise<unknown> | undefined>;

/** One kind of partition of the cache, as undici's interceptor sees it. None of its verbs throws. */
export interface GuardedStore extends AnyStore {
  get(key: StoreKey): StoredAnswer | undefined;
  /** Larger bodies are not kept. */
  readonly maxEntryBytes: number;
  /** How many answers were taken so far. */
  readonly taken: number;
}

/** The file of answers. It may be lost at any time, so nothing about it fails a request: what is broken is a miss. */
export interface CacheStore {
  readonly shared: GuardedStore;
  /** For partitions of one user. */
  readonly private: GuardedStore;
  /** Forgets the answers to all methods for a path. */
  delete(key: StoreKey): void;
  close(): void;
}

export interface CacheStoreSettings {
  /** null for one in memory. */
  readonly path: string | null;
  /** Hears of the first failure. */
  readonly onError: (error: Error) => void;
  readonly maxFileBytes?: number;
}

/** SQLite runs in the main thread here: a larger answer would hold up everything else. */
const ON_DISK = Object.freeze({ maxCount: 10_000, maxEntrySize: 2 * 1024 * 1024 });

/** At most 128 MiB in all. */
const IN_MEMORY = Object.freeze({ maxCount: 512, maxEntrySize: 256 * 1024 });

const MAX_FILE_BYTES = 512 * 1024 * 1024;

export function openCacheStore({
  path,
  onError,
  maxFileBytes = MAX_FILE_BYTES,
}: CacheStoreSettings): CacheStore {
  const limits = path === null ? IN_MEMORY : ON_DISK;
  let isReported = false;
  let isClosed = false;
  let store = open() ?? openAnew();

  function report(thrown: unknown): void {
    if (isReported || isClosed) return;
    isReported = true;
    onError(toError(thrown));
  }

  function attempt<T>(work: (store: SqliteStore) => T): T | undefined {
    try {
      return store === undefined || isClosed ? undefined : work(store);
    } catch (thrown) {
      report(thrown);
      return undefined;
    }
  }

  function open(): SqliteStore | undefined {
    try {
      return new cacheStores.SqliteCacheStore({
        location: path ?? ":memory:",
        ...limits,
      });
    } catch (thrown) {
      report(thrown);
      return undefined;
    }
  }

  function openAnew(): SqliteStore | undefined {
    try {
      if (path !== null) for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
    } catch (thrown) {
      report(thrown);
      return undefined;
    }
    return open();
  }

  /** undici's store is bounded by a count only, and a file of SQLite never shrinks: at its limit the cache begins anew. */
  function makeRoom(): void {
    if (path === null || sizeOf(path) + sizeOf(`${path}-wal`) <= maxFileBytes) return;
    attempt((full) => full.close());
    store = openAnew();
  }

  function guarded(isPrivate: boolean): GuardedStore {
    let taken = 0;
    return {
      maxEntryBytes: limits.maxEntrySize,
      get taken() {
        return taken;
      },
      get(key) {
        const found = attempt((open) => open.get(key)) as StoredAnswer | undefined;
        return found && withoutStaleUse(found);
      },
      createWriteStream(key, value) {
        if (!mayKeep(value, isPrivate)) return undefined;
        attempt(makeRoom);
        const stream = attempt((open) => open.createWriteStream(key, value));
        if (stream === undefined) return undefined;
        taken += 1;
        return stream.on("error", report);
      },
      delete: (key) => attempt((open) => open.delete(key)),
    };
  }

  return {
    shared: guarded(false),
    private: guarded(true),
    delete: (key) => void attempt((open) => open.delete(key)),
    close() {
      attempt((open) => open.close());
      isClosed = true;
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Without RFC 5861: to serve a stale answer at once undici asks the target in the background, and no request may be at a
 * target without a task that holds a slot for it; when the target fails, a queue tries again.
 */
function withoutStaleUse(found: StoredAnswer): StoredAnswer {
  return {
    ...found,
    headers: { ...found.headers, [STALE_AT]: String(found.staleAt) },
    cacheControlDirectives: {
      ...found.cacheControlDirectives,
      "stale-while-revalidate": 0,
      "stale-if-error": 0,
    },
  };
}

/** What undici would keep and this cache does not. */
function mayKeep({ headers, statusCode, cacheControlDirectives }: StoreValue, isPrivate: boolean): boolean {
  // A cookie may be a session of its own, also where the cache is one user's and undici would keep it.
  if (Object.hasOwn(headers, "set-cookie")) return false;
  const { "max-age": maxAge, "s-maxage": sharedMaxAge, "no-cache": noCache } = cacheControlDirectives ?? {};
  const isExplicit =
    maxAge !== undefined ||
    noCache !== undefined ||
    headers["expires"] !== undefined ||
    (!isPrivate && sharedMaxAge !== undefined);
  // Neither a guess nor the route's own time: not for what is one user's, and not for an error.
  return isExplicit || (!isPrivate && statusCode < 400);
}
