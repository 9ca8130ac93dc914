import type { DatabaseSync } from "node:sqlite";
import type { HeadgateError } from "../../lib/error.ts";
import { toStorageError } from "./failure.ts";

/** A verb asked for by the main thread, and what became of it. */
export type Call = readonly [id: number, verb: string, parameters: readonly unknown[]];
export type Reply = readonly [id: number, error: ReplyError | null, value: unknown];

/** A `HeadgateError` as it crosses threads. */
export interface ReplyError {
  readonly code: HeadgateError["code"];
  readonly message: string;
}

export interface GroupSettings {
  readonly db: DatabaseSync;
  readonly begin: "BEGIN IMMEDIATE" | "BEGIN";
  readonly verbs: Readonly<Record<string, (...parameters: never[]) => unknown>>;
  /** Just before the commit. */
  readonly flush: () => void;
  /** After a rollback. */
  readonly reload: () => void;
  /** Folder of the database, null when it is in memory. */
  readonly folder: string | null;
}

/**
 * Group commit: all calls that came while the last transaction waited for the disk share the next one and its fsync, and
 * none is answered before that. When one of them turns out to be impossible, each is run again by itself, so that it
 * fails alone.
 */
export function createGroup(settings: GroupSettings): (calls: readonly Call[]) => Reply[] {
  const { db, begin, verbs, flush, reload, folder } = settings;

  function transact(calls: readonly Call[]): Reply[] {
    db.exec(begin);
    const replies = calls.map(([id, verb, parameters]): Reply => {
      const run = verbs[verb] as (...parameters: readonly unknown[]) => unknown;
      return [id, null, run(...parameters)];
    });
    flush();
    db.exec("COMMIT");
    return replies;
  }

  return function group(calls): Reply[] {
    try {
      return transact(calls);
    } catch (thrown) {
      const error = toStorageError(thrown, folder);
      if (db.isTransaction) db.exec("ROLLBACK");
      reload();
      if (error.code === "internal" && calls.length > 1) return calls.flatMap((call) => group([call]));
      return calls.map(([id]): Reply => [id, { code: error.code, message: error.message }, null]);
    }
  };
}
