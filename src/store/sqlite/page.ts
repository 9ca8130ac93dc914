import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Row } from "./value.ts";

/** One page of a list, newest first; `next` is the id after which to go on. */
export interface PageRows {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/**
 * One page reads at most so many rows, whatever the filter: a rare match in a million rows gives short pages that name
 * where to go on, never a look-up that keeps the reader for seconds.
 */
const ROWS_READ_PER_PAGE = 20_000;

/** And has about so many characters: what is unpacked and written on the main thread holds it meanwhile. */
const MOST_CHARACTERS = 1024 * 1024;

export interface PageQuery {
  /** Which rows are read, by an index: what narrows the window. */
  readonly scope: Conditions;
  /** Which of those that were read are wanted. */
  readonly match: Conditions;
  /** `INDEXED BY …` or `NOT INDEXED`, so that the planner cannot take another. */
  readonly index: string;
  readonly limit: number;
}

/** Reads pages of a table that has `seq` for its order; `columns` begin with `id`. */
export function preparePage(
  db: DatabaseSync,
  table: string,
  columns: string,
): (query: PageQuery) => PageRows {
  const idOf = db.prepare(`SELECT id FROM ${table} WHERE seq = ?`);

  return ({ scope, match, index, limit }) => {
    const window = `SELECT * FROM ${table} ${index} WHERE ${scope.sql} ORDER BY seq DESC LIMIT ${ROWS_READ_PER_PAGE}`;
    // One row more than asked for tells whether there is another page.
    const select = db.prepare(`SELECT ${columns} FROM (${window}) WHERE ${match.sql} LIMIT ?`);
    select.setReturnArrays(true);
    const rows = select.all(...scope.values, ...match.values, limit + 1) as unknown as Row[];
    const count = Math.min(limit, countFitting(rows));
    if (rows.length > count) {
      const page = rows.slice(0, count);
      return { rows: page, next: String(page.at(-1)?.[0]) };
    }
    const read = db
      .prepare(`SELECT min(seq) AS last, count(*) AS count FROM (SELECT seq FROM (${window}))`)
      .get(...scope.values);
    const isLast = Number(read?.["count"]) < ROWS_READ_PER_PAGE;
    return { rows, next: isLast ? null : String(idOf.get(Number(read?.["last"]))?.["id"]) };
  };
}

/** One at least. */
function countFitting(rows: readonly Row[]): number {
  let characters = 0;
  const first = rows.findIndex((row) => {
    for (const value of row) if (typeof value === "string") characters += value.length;
    return characters > MOST_CHARACTERS;
  });
  return first === -1 ? rows.length : Math.max(1, first);
}

/** What a `WHERE` asks, joined by `AND`, with the values in its order. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: SQLInputValue[] = [];

  get sql(): string {
    return this.#conditions.join(" AND ") || "true";
  }

  add(sql: string, ...values: SQLInputValue[]): void {
    this.#conditions.push(sql);
    this.values.push(...values);
  }
}
