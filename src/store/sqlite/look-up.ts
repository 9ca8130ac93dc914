import type { DatabaseSync } from "node:sqlite";
import { blockOf, startOf } from "./backlog.ts";
import { bodyToText } from "./content-row.ts";
import { TASK_COLUMNS } from "./row.ts";
import type { Row, RowWithBytes } from "./value.ts";

/** Reading without changing: these run on the reader's connection, beside a commit that waits for the disk. */

export interface FoundRow {
  readonly row: Row;
  readonly position: number | null;
}

export function prepareFind(db: DatabaseSync): (id: string) => FoundRow | null {
  const find = db.prepare(`SELECT ${TASK_COLUMNS} FROM task WHERE id = ?`);
  find.setReturnArrays(true);
  const place = db.prepare(
    "SELECT lane, priority, rank, seq, state = 'pending' AND not_before IS NULL AS waits FROM task WHERE id = ?",
  );
  const position = preparePosition(db);
  return (id) => {
    const row = find.get(id) as unknown as Row | undefined;
    if (row === undefined) return null;
    const standing = place.get(id) as unknown as Place & { readonly waits: number };
    return { row, position: standing.waits === 1 ? position(standing) : null };
  };
}

interface Place {
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
  readonly seq: number;
}

/** Whole blocks ahead are summed, only the task's own block is counted. */
function preparePosition(db: DatabaseSync): (place: Place) => number {
  const blocksAhead = db.prepare(
    "SELECT coalesce(sum(count), 0) AS count FROM backlog WHERE lane = ? AND (priority > ? OR (priority = ? AND block < ?))",
  );
  const inBlock = db.prepare(
    `SELECT count(*) AS count FROM task INDEXED BY task_ready
      WHERE lane = ? AND state = 'pending' AND not_before IS NULL AND priority = ? AND rank >= ? AND (rank, seq) <= (?, ?)`,
  );
  return ({ lane, priority, rank, seq }) => {
    const block = blockOf(rank);
    const before = Number(blocksAhead.get(lane, priority, priority, block)?.["count"]);
    return before + Number(inBlock.get(lane, priority, startOf(block), rank, seq)?.["count"]);
  };
}

/** method, path, headers, body, file */
export function prepareRequest(db: DatabaseSync): (id: string) => Row | null {
  const read = db.prepare(
    "SELECT task.method, task.path, request.headers, request.body, request.file FROM task JOIN request USING (seq) WHERE task.id = ?",
  );
  read.setReturnArrays(true);
  return (id) => {
    const row = read.get(id) as unknown as RowWithBytes | undefined;
    return row === undefined ? null : bodyToText(row, 3);
  };
}

/** status, headers, body, file */
export function prepareResponse(db: DatabaseSync): (id: string) => Row | null {
  const read = db.prepare(
    "SELECT response.status, response.headers, response.body, response.file FROM task JOIN response USING (seq) WHERE task.id = ?",
  );
  read.setReturnArrays(true);
  return (id) => {
    const row = read.get(id) as unknown as RowWithBytes | undefined;
    return row === undefined ? null : bodyToText(row, 2);
  };
}

/** lane, key, count */
export function prepareTally(db: DatabaseSync): () => readonly Row[] {
  const read = db.prepare("SELECT lane, key, count FROM tally ORDER BY lane");
  read.setReturnArrays(true);
  return () => read.all() as unknown as Row[];
}

/** lane, priority, id, since when it is due; of the first in each line */
export function prepareFronts(db: DatabaseSync): () => readonly Row[] {
  const lanes = db.prepare("SELECT lane FROM tally WHERE key = 'pending' AND count > 0 ORDER BY lane");
  const firstBelow = db.prepare(
    `SELECT lane, priority, id, coalesce(due_at, created_at) FROM task INDEXED BY task_ready
      WHERE lane = ? AND state = 'pending' AND not_before IS NULL AND priority < ?
      ORDER BY priority DESC, rank, seq LIMIT 1`,
  );
  firstBelow.setReturnArrays(true);
  return () => {
    const fronts: Row[] = [];
    for (const { lane } of lanes.all()) {
      let priority = Infinity;
      for (;;) {
        const front = firstBelow.get(lane ?? null, priority) as unknown as Row | undefined;
        if (front === undefined) break;
        fronts.push(front);
        priority = Number(front[1]);
      }
    }
    return fronts;
  };
}

/** Those of the named files that a task owns. */
export function prepareOwnedFiles(db: DatabaseSync): (names: readonly string[]) => string[] {
  const owners = ["request", "response"].map((table) =>
    // A file column is `name:size`; `;` follows `:` in ASCII.
    db.prepare(
      `SELECT 1 FROM ${table} INDEXED BY ${table}_file WHERE file IS NOT NULL AND file >= ? || ':' AND file < ? || ';'`,
    ),
  );
  return (names) => names.filter((name) => owners.some((owner) => owner.get(name, name) !== undefined));
}

/** Pages of the file that hold nothing any more. */
export function prepareReusableBytes(db: DatabaseSync): () => number {
  const read = db.prepare(
    "SELECT freelist_count * page_size AS bytes FROM pragma_freelist_count, pragma_page_size",
  );
  return () => Number(read.get()?.["bytes"]);
}
