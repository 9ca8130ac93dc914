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

/** Reasons that lie in one task; any other the rest would meet as well, and the server goes no further. */
const OF_ONE_TASK: ReadonlySet<string> = new Set([
  "conflict",
  "gone",
  "not_found",
  "invalid_request",
  "start_within_unmet",
  "forbidden",
]);

/** Whether it ended before the last of them, such as by a full queue. */
export function isStopped(skipped: BulkOutcome["skipped"]): boolean {
  return Object.keys(skipped).some((reason) => !OF_ONE_TASK.has(reason));
}

/** One call does so many; it is repeated until all are done, or there is no more room. `onProgress` is told after each. */
export async function bulk(
  connection: Connection,
  deed: "cancel" | "retry",
  filter: BulkFilter,
  onProgress?: (soFar: BulkOutcome) => void,
): Promise<BulkOutcome> {
  const skipped: Record<string, number> = {};
  let matched = 0;
  let done = 0;
  let cursor: string | undefined;
  for (;;) {
    const json = cursor === undefined ? filter : { ...filter, cursor };
    const answer = await connection.json<BulkAnswer>(`/tasks/${deed}`, { method: "POST", json });
    matched += answer.matched;
    done += answer.cancelled ?? answer.retried ?? 0;
    for (const [code, count] of Object.entries(answer.skipped)) skipped[code] = (skipped[code] ?? 0) + count;
    onProgress?.({ matched, done, skipped: { ...skipped } });
    const isOver = !answer.more || filter.dry_run === true || isStopped(answer.skipped);
    if (isOver || !hasMoved(deed, answer, cursor)) return { matched, done, skipped };
    cursor = answer.next_cursor ?? undefined;
  }
}

/** Whether another call would meet others. What was cancelled matches no more; what was retried still does. */
function hasMoved(deed: "cancel" | "retry", answer: BulkAnswer, cursor: string | undefined): boolean {
  if (deed === "cancel") return (answer.cancelled ?? 0) > 0;
  return typeof answer.next_cursor === "string" && answer.next_cursor !== cursor;
}
