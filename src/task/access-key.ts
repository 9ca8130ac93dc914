import type { Role } from "./caller.ts";
import type { Rate } from "./lane.ts";

/** What is kept of a key: never the key itself. */
export interface AccessKey {
  readonly name: string;
  /** Of the key's text, lower-case hexadecimal. Keys are random and long, so a plain hash cannot be guessed back. */
  readonly sha256: string;
  readonly role: Role;
  /** Whose tasks it submits; its name if not said. */
  readonly client: string;
  readonly quota: Quota;
  readonly createdAt: number | null;
}

export interface Quota {
  /** Requests that become tasks, all of them together if the client likes; null for no limit. */
  readonly rate: Rate | null;
  /** Tasks of its client that have not ended; null for no limit. */
  readonly maxOpen: number | null;
}
