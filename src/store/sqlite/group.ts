import type { DatabaseSync } from "node:sqlite";
import { HeadgateError } from "../../lib/error.ts";
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
  /** When the disk is full. */
  readonly makeRoom: () => void;
  /** Whether what room there is must do for finishing what was accepted. */
  readonly isShort: () => boolean;
  /** Folder of the database, null when it is in memory. */
  readonly folder: string | null;
}

/**
 * Group commit: all calls that came while the last transaction waited for the disk share the next one and its fsync, and
 * none is answered before that. A call that turns out to be impossible fails alone; a full disk refuses new tasks first.
 */
export function createGroup(settings: GroupSettings): (calls: readonly Call[]) => Reply[] {
  const { db, begin, verbs, flush, reload, folder } = settings;
  let broken: HeadgateError | null = null;

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

  function run(calls: readonly Call[], mayMakeRoom: boolean): Reply[] {
    if (calls.length === 0) return [];
    // After a failed fsync nobody knows what is on disk; a commit that seems to work proves nothing.
    if (broken !== null) return refuse(calls, broken);
    try {
      return transact(calls);
    } catch (thrown) {
      const error = toStorageError(thrown, folder);
      if (error.code === "storage_failed") broken = error;
      // None was begun when another program holds the database; SQLite ends some by itself.
      const wasBegun = db.isTransaction;
      if (wasBegun) db.exec("ROLLBACK");
      if (broken === null) reload();
      if (error.code === "storage_full" && mayMakeRoom) {
        settings.makeRoom();
        return runWithoutNew(calls, error, false);
      }
      if (error.code === "internal" && wasBegun && calls.length > 1) {
        const half = calls.length >> 1;
        return [...run(calls.slice(0, half), mayMakeRoom), ...run(calls.slice(half), mayMakeRoom)];
      }
      return refuse(calls, error);
    }
  }

  function runWithoutNew(calls: readonly Call[], error: HeadgateError, mayMakeRoom: boolean): Reply[] {
    const { added = [], others = [] } = Object.groupBy(calls, ([, verb]) =>
      ADDING.has(verb) ? "added" : "others",
    );
    return [...refuse(added, error), ...run(others, mayMakeRoom)];
  }

  return (calls) => (settings.isShort() ? runWithoutNew(calls, SHORT, true) : run(calls, true));
}

/** What asks for room; the rest goes on with what was accepted before. */
const ADDING: ReadonlySet<string> = new Set(["enqueue", "enqueueBatch"]);

const SHORT = new HeadgateError(
  "storage_full",
  "The disk is full: what room is left is kept for tasks that were accepted before.",
);

function refuse(calls: readonly Call[], { code, message }: HeadgateError): Reply[] {
  return calls.map(([id]) => [id, { code, message }, null]);
}
