import { rmSync, statSync } from "node:fs";
import type { Writable } from "node:stream";
import { cacheStores, type interceptors } from "undici";
import { toError } from "../lib/error.ts";

export type CacheOptions = NonNullable<Parameters<typeof interceptors.cache>[0]>;
export type AnyStore = NonNullable<CacheOptions["store"]>;
type SqliteStore = InstanceType<typeof cacheStores.SqliteCacheStore>;
export type StoreKey = Parameters<AnyStore["get"]>[0];
export type StoreValue = Parameters<AnyStore["createWriteStream"]>[1];
export type StoredAnswer = Exclude<ReturnType<AnyStore["get"]>, Promise<unknown> | undefined>;

/**
 * The file of answers. It may be lost at any time, so nothing about it fails a request: none of its verbs throws, and
 * what is broken is a miss.
 */
export interface CacheFile {
  /** Larger bodies are not kept. */
  readonly maxEntryBytes: number;
  get(key: StoreKey): StoredAnswer | undefined;
  /** Takes the body, and keeps the answer when that has ended. */
  write(key: StoreKey, value: StoreValue): Writable | undefined;
  /** Forgets the answers to all methods for a path. */
  delete(key: StoreKey): void;
  close(): void;
}

export interface CacheFileSettings {
  /** null for one in memory. */
  readonly path: string | null;
  /** Hears of the first failure. */
  readonly onError: (error: Error) => void;
  readonly maxFileBytes?: number;
}

/** SQLite runs in the main thread here: a larger answer would hold up everything else. */
const MAX_ENTRY_BYTES = 256 * 1024;

/** Rows: an answer is one, and what is kept of a URL beside its answers another. */
const MAX_ROWS_ON_DISK = 20_000;

/** At most 128 MiB in all. */
const MAX_ROWS_IN_MEMORY = 512;

const MAX_FILE_BYTES = 512 * 1024 * 1024;

export function openCacheFile({
  path,
  onError,
  maxFileBytes = MAX_FILE_BYTES,
}: CacheFileSettings): CacheFile {
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
        maxCount: path === null ? MAX_ROWS_IN_MEMORY : MAX_ROWS_ON_DISK,
        maxEntrySize: MAX_ENTRY_BYTES,
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

  return {
    maxEntryBytes: MAX_ENTRY_BYTES,
    get: (key) => attempt((open) => open.get(key)) as StoredAnswer | undefined,
    write(key, value) {
      attempt(makeRoom);
      return attempt((open) => open.createWriteStream(key, value))?.on("error", report);
    },
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
