import { type BulkOutcome, bulk, isStopped } from "../../../../client/bulk.ts";
import type { Headgate } from "../../../../client/client.ts";
import { HeadgateError } from "../../../../client/errors.ts";
import { isUnauthorized } from "../../session/queries.ts";
import { type TaskSearch, toFilter } from "./search.ts";

export type Verb = "cancel" | "retry";

/** Which tasks: some by their ids, or every one that a search finds. */
export type Chosen = { readonly ids: readonly string[] } | { readonly search: TaskSearch };

/** How many there are; `isMore` when not all were counted. */
export interface Count {
  readonly count: number;
  readonly isMore: boolean;
}

export interface Dealt extends BulkOutcome {
  /** It ended before the last, such as by a full queue. */
  readonly isStopped: boolean;
}

/** Under way at once, so that a browser's connections are left for the rest. */
const AT_ONCE = 4;

/** Whether there is anything in a state that it can be done to. */
export function isPossible(verb: Verb, { status }: TaskSearch): boolean {
  const isOpen = status === "pending" || status === "processing";
  return status === undefined || isOpen === (verb === "cancel");
}

export async function count(client: Headgate, verb: Verb, search: TaskSearch): Promise<Count> {
  const json = { ...wholeFilter(search), dry_run: true };
  const { matched, more } = await client.connection.json<{
    readonly matched: number;
    readonly more: boolean;
  }>(`/tasks/${verb}`, { method: "POST", json });
  return { count: matched, isMore: more };
}

/** Cancels or repeats them; `onProgress` is told how many are done so far. */
export async function deal(
  client: Headgate,
  verb: Verb,
  chosen: Chosen,
  onProgress: (done: number) => void,
): Promise<Dealt> {
  if ("ids" in chosen) return { ...(await each(client, verb, chosen.ids)), isStopped: false };
  const outcome = await bulk(client.connection, verb, wholeFilter(chosen.search), ({ done }) =>
    onProgress(done),
  );
  return { ...outcome, isStopped: isStopped(outcome.skipped) };
}

function wholeFilter(search: TaskSearch) {
  return Object.keys(search).length === 0 ? { all: true as const } : toFilter(search);
}

async function each(client: Headgate, verb: Verb, ids: readonly string[]): Promise<BulkOutcome> {
  const left = [...ids];
  const skipped: Record<string, number> = {};
  let done = 0;
  async function work(): Promise<void> {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const task = client.task(id);
      try {
        await (verb === "cancel" ? task.cancel() : task.retry());
        done += 1;
      } catch (error) {
        if (!(error instanceof HeadgateError) || isUnauthorized(error)) throw error;
        skipped[error.code] = (skipped[error.code] ?? 0) + 1;
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { matched: ids.length, done, skipped };
}
