import type { Writable } from "node:stream";
import type { CacheFile, StoreKey, StoreValue } from "./cache-file.ts";
import { digest } from "./cache-key.ts";

/**
 * Bounds how many answers are kept for one URL of a partition. undici's store reads all of them, with their bodies, to
 * find the one that fits a request, and where the target says `Vary: User-Agent` any client makes as many as it likes.
 */
export interface Variants {
  /** Undefined when this answer is not to be kept. */
  write(key: StoreKey, value: StoreValue): Writable | undefined;
  delete(key: StoreKey): void;
}

/** Answers to GET and HEAD together. */
const MAX_VARIANTS = 8;

/** Of one that is forgotten the answers are deleted when the next is written. */
const MAX_COUNTS = 10_000;

interface Count {
  kept: number;
  /** Being written. */
  underWay: number;
}

export function createVariants(file: CacheFile): Variants {
  const counts = new Map<string, Count>();

  /**
   * With too many, those of a URL begin anew, so that whoever comes first keeps nobody out for long. What an earlier
   * process left is not counted, and is deleted with the first one more.
   */
  function roomFor(key: StoreKey, url: string): Count | null {
    const known = counts.get(url);
    if (known !== undefined && known.kept + known.underWay < MAX_VARIANTS) return known;
    // What is being written would be there again after a deletion.
    if (known !== undefined && known.underWay > 0) return null;
    file.delete(key);
    const [oldest] = counts.keys();
    if (known === undefined && oldest !== undefined && counts.size >= MAX_COUNTS) counts.delete(oldest);
    const count: Count = { kept: 0, underWay: 0 };
    counts.set(url, count);
    return count;
  }

  return {
    write(key, value) {
      const isReplaced = file.get(key) !== undefined;
      if (isReplaced) return file.write(key, value);
      const count = roomFor(key, urlOf(key));
      const stream = count === null ? undefined : file.write(key, value);
      if (count === null || stream === undefined) return undefined;
      count.underWay += 1;
      return stream.once("finish", () => (count.kept += 1)).once("close", () => (count.underWay -= 1));
    },
    delete(key) {
      counts.delete(urlOf(key));
      file.delete(key);
    },
  };
}

/** A path may have many kilobytes. */
function urlOf({ origin, path }: StoreKey): string {
  return digest(origin, path);
}
