import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { DeliveryFilter } from "../outbox.ts";
import { DELIVERY_COLUMNS } from "./outbox.ts";
import type { Row } from "./row.ts";

export interface DeliveryPage {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** As with tasks: a rare match gives short pages that name where to go on, and keeps the reader from nobody. */
const ROWS_READ_PER_PAGE = 20_000;

/** Newest first. */
export function prepareListDeliveries(db: DatabaseSync): (filter: DeliveryFilter) => DeliveryPage {
  const idOf = db.prepare("SELECT id FROM delivery WHERE seq = ?");

  return (filter) => {
    const scope = where([
      ["seq < coalesce((SELECT seq FROM delivery WHERE id = ?), 0)", filter.after],
      ["task_id = ?", filter.taskId],
    ]);
    const match = where([
      ["state = ?", filter.state],
      ["endpoint = ?", filter.endpoint],
      ["client = ?", filter.client],
    ]);
    const index = filter.taskId === undefined ? "NOT INDEXED" : "INDEXED BY delivery_task";
    const window = `SELECT * FROM delivery ${index} WHERE ${scope.sql} ORDER BY seq DESC LIMIT ${ROWS_READ_PER_PAGE}`;

    // One row more than asked for tells whether there is another page.
    const select = db.prepare(`SELECT ${DELIVERY_COLUMNS} FROM (${window}) WHERE ${match.sql} LIMIT ?`);
    select.setReturnArrays(true);
    const rows = select.all(...scope.values, ...match.values, filter.limit + 1) as unknown as Row[];
    if (rows.length > filter.limit) {
      const page = rows.slice(0, filter.limit);
      return { rows: page, next: String(page.at(-1)?.[0]) };
    }
    const read = db
      .prepare(`SELECT min(seq) AS last, count(*) AS count FROM (SELECT seq FROM (${window}))`)
      .get(...scope.values);
    const isLast = Number(read?.["count"]) < ROWS_READ_PER_PAGE;
    return { rows, next: isLast ? null : String(idOf.get(Number(read?.["last"]))?.["id"]) };
  };
}

function where(wanted: readonly (readonly [sql: string, value: SQLInputValue | undefined])[]): {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
} {
  const given = wanted.filter((each): each is readonly [string, SQLInputValue] => each[1] !== undefined);
  return {
    sql: given.map(([sql]) => sql).join(" AND ") || "true",
    values: given.map(([, value]) => value),
  };
}
