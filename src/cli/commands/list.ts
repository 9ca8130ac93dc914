import type { TaskView } from "../../../client/views.ts";
import { createClock } from "../../lib/clock.ts";
import { age, span } from "../amounts.ts";
import { type ConnectionFlags, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { type FilterFlags, toFilter } from "../filter.ts";
import { inColourOf } from "../outcome.ts";
import { table } from "../table.ts";
import { caughtUp, colour, notify, print, terminalColumns } from "../terminal.ts";

export interface ListFlags extends ConnectionFlags, FilterFlags {
  readonly limit: number;
  readonly all?: true;
}

const PAGE = 200;

/** `headgate list`: newest first; a table, or JSON lines. */
export function list(flags: ListFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const filter = toFilter(flags);
    let left = flags.all ? Infinity : flags.limit;
    let shown = 0;
    let cursor: string | undefined;
    do {
      const { tasks, next_cursor: next } = await headgate.page(filter, {
        limit: Math.min(PAGE, left),
        cursor,
      });
      if (flags.json) for (const task of tasks) print(JSON.stringify(task));
      else if (tasks.length > 0) print(taskTable(tasks, shown === 0, terminalColumns()));
      await caughtUp();
      shown += tasks.length;
      left -= tasks.length;
      cursor = next ?? undefined;
    } while (cursor !== undefined && left > 0);
    if (!flags.json && shown === 0) notify("no tasks");
    else if (!flags.json && cursor !== undefined)
      notify(`the newest ${shown}; there may be more: --limit, --all`);
    return ExitCode.ok;
  });
}

const HEAD = ["task", "status", "request", "route", "age", "queued", "took"];
const STATUS = 1;
const REQUEST = 2;
/** Queued, route, took, age. */
const SPARE: readonly number[] = [5, 3, 6, 4];

/** Tasks a line each; of a wider table the request is cut. */
export function taskTable(tasks: readonly TaskView[], withHead: boolean, columns: number | null): string {
  const now = createClock().now();
  const rows = tasks.map((task) => [
    task.task_id,
    task.status,
    `${task.method} ${task.path}`,
    task.route,
    age(task.created_at, now),
    span(task.queue_seconds),
    span(task.duration_seconds),
  ]);
  const offset = withHead ? 1 : 0;
  return table(withHead ? [HEAD, ...rows] : rows, {
    columns,
    shrink: REQUEST,
    spare: SPARE,
    paint(text, row, column) {
      if (row < offset) return colour("dim", text);
      return column === STATUS ? inColourOf(tasks[row - offset]?.status ?? "", text) : text;
    },
  });
}
