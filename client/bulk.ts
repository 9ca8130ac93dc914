import type { Connection } from "./connection.ts";
import type { TaskFilter } from "./views.ts";

/** A filter with one member at least, or `all`. */
export type BulkFilter = (TaskFilter | { readonly all: true }) & {
  /** Only counts them. */
  readonly dry_run?: boolean;
};

/** What was done to many. */
export interface BulkOutcome {
  readonly matched: number;
  /** Cancelled, or made anew. */
  readonly done: number;
  /** How many it could not be done with, by the code of the reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

interface BulkAnswer {
  readonly matched: number;
  readonly cancelled?: number;
  readonly retried?: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly more: boolean;
  readonly next_cursor?: string | null;
}

/** One call does so many; it is repeated until all are done. */
export async function bulk(
  connection: Connection,
  deed: "cancel" | "retry",
  filter: BulkFilter,
): Promise<BulkOutcome> {
  const skipped: Record<string, number> = {};
  let matched = 0;
  let done = 0;
  let cursor: string | undefined;
  for (;;) {
    const before = cursor;
    const json = cursor === undefined ? filter : { ...filter, cursor };
    const answer = await connection.json<BulkAnswer>(`/tasks/${deed}`, { method: "POST", json });
    matched += answer.matched;
    done += answer.cancelled ?? answer.retried ?? 0;
    for (const [code, count] of Object.entries(answer.skipped)) skipped[code] = (skipped[code] ?? 0) + count;
    cursor = answer.next_cursor ?? undefined;
    const goesOn = answer.more && answer.matched > 0 && filter.dry_run !== true;
    // What is retried matches still: only a cursor leads on, and one that is as before led nowhere, for want of room.
    if (!goesOn || (deed === "retry" && (cursor === undefined || cursor === before)))
      return { matched, done, skipped };
  }
}
