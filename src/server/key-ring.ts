import { createHash, timingSafeEqual } from "node:crypto";
import type { AccessKey } from "../task/access-key.ts";

/** The keys there are, by what they hash to. */
export interface KeyRing {
  readonly isEmpty: boolean;
  /** The key that this text is; null when it is none. */
  find(text: string): AccessKey | null;
  named(name: string): AccessKey | null;
}

export function createKeyRing(keys: readonly AccessKey[]): KeyRing {
  const byHash = new Map(keys.map((key) => [key.sha256, key]));
  const byName = new Map(keys.map((key) => [key.name, key]));
  return {
    isEmpty: keys.length === 0,
    find(text) {
      const digest = createHash("sha256").update(text).digest();
      // Where a hash stands in a map tells nothing about a key of which it is the hash; comparing takes the same time always.
      const key = byHash.get(digest.toString("hex"));
      if (key === undefined || !timingSafeEqual(Buffer.from(key.sha256, "hex"), digest)) return null;
      return key;
    },
    named: (name) => byName.get(name) ?? null,
  };
}
