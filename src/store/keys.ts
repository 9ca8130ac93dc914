import type { AccessKey } from "../task/access-key.ts";

/** Keys that were made while running; those of the configuration are not here. */
export interface KeyStore {
  list(): Promise<readonly AccessKey[]>;
  /** False when there is one of that name. */
  add(key: AccessKey): Promise<boolean>;
  /** False when there is none of that name. */
  remove(name: string): Promise<boolean>;
  /** How many tasks of each client have not ended. Counted: not for every request. */
  countOpen(): Promise<ReadonlyMap<string, number>>;
}
