import type { DatabaseSync } from "node:sqlite";
import type { ListFilter } from "../store.ts";
import { Conditions, type PageRows, preparePage } from "./page.ts";
import { TASK_COLUMNS } from "./row.ts";

/** Tasks of one node are numbered and stamped in nearly the same order; the exact time is checked again on each row. */
const ROWS_OUT_OF_ORDER = 256;

/** Newest first. */
export function prepareList(db: DatabaseSync): (filter: ListFilter) => PageRows {
  // A task that was deleted since the page before gives its place to the one that was accepted before it; ids grow.
  const cursorAt = db.prepare(
    "SELECT seq + (id < ?1) AS seq FROM task WHERE id <= ?1 ORDER BY id DESC LIMIT 1",
  );
  const seqAt = prepareSeqAt(db);
  const page = preparePage(db, "task", TASK_COLUMNS);

  return (filter) => {
    const scope = new Conditions();
    if (filter.after !== undefined) scope.add("seq < ?", Number(cursorAt.get(filter.after)?.["seq"] ?? 0));
    if (filter.until !== undefined) scope.add("seq < ?", seqAt(filter.until) + ROWS_OUT_OF_ORDER);
    if (filter.since !== undefined) scope.add("seq >= ?", seqAt(filter.since) - ROWS_OUT_OF_ORDER);
    const index = scopeByBatchOrState(scope, filter);
    return page({ scope, match: matches(filter), index, limit: filter.limit });
  };
}

function scopeByBatchOrState(scope: Conditions, filter: ListFilter): string {
  if (filter.batch === undefined) return scopeByState(scope, filter);
  // A batch is small, so it is sorted; its index knows the state, too.
  scope.add("batch = ?", filter.batch);
  if (filter.state !== undefined) scope.add("state = ?", filter.state);
  return "INDEXED BY task_batch";
}

function scopeByState(scope: Conditions, { state }: ListFilter): string {
  if (state === undefined) return "NOT INDEXED";
  scope.add("state = ?", state);
  if (state === "processing") {
    scope.add("node IS NOT NULL");
    return "INDEXED BY task_slot";
  }
  scope.add("state <> 'processing'");
  return "INDEXED BY task_state";
}

function matches(filter: ListFilter): Conditions {
  const match = new Conditions();
  if (filter.lane !== undefined) match.add("lane = ?", filter.lane);
  if (filter.method !== undefined) match.add("method = ?", filter.method);
  if (filter.client !== undefined) match.add("client = ?", filter.client);
  if (filter.pathPrefix !== undefined)
    match.add("substr(path, 1, length(?)) = ?", filter.pathPrefix, filter.pathPrefix);
  if (filter.text !== undefined)
    match.add(
      "(instr(id, ?) > 0 OR instr(path, ?) > 0 OR " +
        "EXISTS (SELECT 1 FROM json_each(labels) WHERE instr(key || '=' || value, ?) > 0))",
      filter.text,
      filter.text,
      filter.text,
    );
  if (filter.since !== undefined) match.add("created_at >= ?", filter.since);
  if (filter.until !== undefined) match.add("created_at < ?", filter.until);
  if (filter.label !== undefined) {
    match.add(
      "EXISTS (SELECT 1 FROM json_each(labels) WHERE key = ? AND value = ?)",
      filter.label.key,
      filter.label.value,
    );
  }
  return match;
}

/** The first number given at or after an instant, by bisection: 20 look-ups in a million rows, and no index to keep. */
function prepareSeqAt(db: DatabaseSync): (epochMs: number) => number {
  // Asked for together in one SELECT, the two would be found by reading the whole table.
  const bounds = db.prepare(
    "SELECT coalesce((SELECT min(seq) FROM task), 0) AS low, coalesce((SELECT max(seq) FROM task), 0) + 1 AS high",
  );
  const firstFrom = db.prepare("SELECT seq, created_at FROM task WHERE seq >= ? ORDER BY seq LIMIT 1");
  return (epochMs) => {
    let { low, high } = bounds.get() as { low: number; high: number };
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = firstFrom.get(middle);
      if (found === undefined || Number(found["created_at"]) >= epochMs) high = middle;
      else low = Number(found["seq"]) + 1;
    }
    return low;
  };
}
