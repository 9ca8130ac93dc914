import { randomUUID } from "node:crypto";
import type { CacheFile, StoreKey, StoreValue } from "./cache-file.ts";

/**
 * Whatever is kept for a URL, in all its partitions, has the URL's generation in its key. After a write to the URL it gets
 * another, and what was kept is found no more (RFC 9111 4.4), whoever it was kept for.
 *
 * A generation is kept beside the answers, because these outlive the process. It is never used twice: when it is lost, so
 * are its answers, and none comes back.
 */
export interface Generations {
  of(url: string): string;
  /** Keeps the generation of the URL for as long as this answer. */
  keep(url: string, value: StoreValue): void;
  /** Begins another; answers the one before, null when nothing was kept. */
  renew(url: string): string | null;
}

interface Generation {
  readonly name: string;
  /** When it may be deleted from the file; 0 before anything was kept. */
  readonly deleteAt: number;
}

/** The others are read when they are needed. */
const MAX_REMEMBERED = 10_000;

export function createGenerations(file: CacheFile): Generations {
  const remembered = new Map<string, Generation>();

  function known(url: string): Generation | undefined {
    const generation = remembered.get(url);
    if (generation !== undefined) return generation;
    const found = file.get(rowOf(url));
    return found && { name: found.statusMessage, deleteAt: found.deleteAt };
  }

  function remember(url: string, generation: Generation): Generation {
    const [oldest] = remembered.keys();
    if (!remembered.has(url) && oldest !== undefined && remembered.size >= MAX_REMEMBERED) {
      remembered.delete(oldest);
    }
    remembered.set(url, generation);
    return generation;
  }

  /** Requests that come before anything is kept have it in common, too: they may wait for each other. */
  function current(url: string): Generation {
    return remembered.get(url) ?? remember(url, known(url) ?? begin());
  }

  return {
    of: (url) => current(url).name,
    keep(url, { cachedAt, deleteAt: until }) {
      const { name, deleteAt: before } = current(url);
      const deleteAt = Math.max(before, until);
      remember(url, { name, deleteAt });
      const value = {
        statusCode: 200,
        statusMessage: name,
        headers: {},
        cachedAt,
        staleAt: deleteAt,
        deleteAt,
      };
      file.write(rowOf(url), value)?.end();
    },
    renew(url) {
      const former = known(url);
      if (former === undefined) return null;
      remember(url, begin());
      file.delete(rowOf(url));
      return former.name;
    },
  };
}

function begin(): Generation {
  return { name: randomUUID(), deleteAt: 0 };
}

/** No answer has an empty path. */
function rowOf(url: string): StoreKey {
  return { origin: url, method: "GET", path: "", headers: {} };
}
