import { STALE_AT } from "./cache-answer.ts";
import {
  type AnyStore,
  type CacheFileSettings,
  openCacheFile,
  type StoredAnswer,
  type StoreKey,
  type StoreValue,
} from "./cache-file.ts";
import { createGenerations } from "./cache-generations.ts";
import { partsOf } from "./cache-key.ts";
import { createVariants } from "./cache-variants.ts";

/** One kind of partition of the cache, as undici's interceptor sees it. None of its verbs throws. */
export interface GuardedStore extends AnyStore {
  get(key: StoreKey): StoredAnswer | undefined;
  /** Larger bodies are not kept. */
  readonly maxEntryBytes: number;
  /** How many answers were taken so far. */
  readonly taken: number;
}

/** What is kept, within its bounds. */
export interface CacheStore {
  readonly shared: GuardedStore;
  /** For partitions of one user. */
  readonly private: GuardedStore;
  /** A part of the key of all answers for a URL. */
  generationOf(url: string): string;
  /** No answer for this URL is found any more. Answers the generation that they have, null when there are none. */
  invalidate(url: string): string | null;
  /** Deletes the answers to all methods for a path. */
  delete(key: StoreKey): void;
  close(): void;
}

export interface CacheStoreSettings extends CacheFileSettings {
  /** Whether a field is a secret, by its name in any case. */
  readonly isSecret: (name: string) => boolean;
}

export function openCacheStore(settings: CacheStoreSettings): CacheStore {
  const file = openCacheFile(settings);
  const generations = createGenerations(file);
  const variants = createVariants(file);

  function guarded(isPrivate: boolean): GuardedStore {
    let taken = 0;
    return {
      maxEntryBytes: file.maxEntryBytes,
      get taken() {
        return taken;
      },
      get(key) {
        const found = file.get(key);
        return found && withoutStaleUse(found);
      },
      createWriteStream(key, value) {
        if (!mayKeep(value, isPrivate, settings.isSecret)) return undefined;
        const { url, generation } = partsOf(key.origin);
        // A write has come between: what was on its way then is not to be found after it.
        if (generation !== generations.of(url)) return undefined;
        const stream = variants.write(key, value);
        if (stream === undefined) return undefined;
        generations.keep(url, value);
        taken += 1;
        return stream;
      },
      delete: variants.delete,
    };
  }

  return {
    shared: guarded(false),
    private: guarded(true),
    generationOf: generations.of,
    invalidate: generations.renew,
    delete: variants.delete,
    close: file.close,
  };
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
function mayKeep(
  { headers, statusCode, cacheControlDirectives }: StoreValue,
  isPrivate: boolean,
  isSecret: CacheStoreSettings["isSecret"],
): boolean {
  // A cookie may be a session of its own, also where the cache is one user's and undici would keep it. And nothing in the
  // file is sealed.
  if (Object.keys(headers).some(isSecret)) return false;
  const { "max-age": maxAge, "s-maxage": sharedMaxAge, "no-cache": noCache } = cacheControlDirectives ?? {};
  const isExplicit =
    maxAge !== undefined ||
    noCache !== undefined ||
    headers["expires"] !== undefined ||
    (!isPrivate && sharedMaxAge !== undefined);
  // Neither a guess nor the route's own time: not for what is one user's, and not for an error.
  return isExplicit || (!isPrivate && statusCode < 400);
}
