import type { Headgate } from "../../../client/client.ts";
import type { TaskFilter } from "../../../client/views.ts";
import { toError } from "../../lib/error.ts";
import { tasks as tasksOf } from "../amounts.ts";
import { confirm } from "../confirm.ts";
import { type ConnectionFlags, tell, UsageError, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { type FilterFlags, toFilter } from "../filter.ts";
import { print } from "../terminal.ts";

export interface BulkFlags extends ConnectionFlags, FilterFlags {
  readonly yes?: true;
  readonly dryRun?: true;
}

type Verb = "cancel" | "retry";

/** What `POST /tasks/cancel` and `POST /tasks/retry` answer. */
interface BulkAnswer {
  readonly matched: number;
  readonly cancelled?: number;
  readonly retried?: number;
  /** More match than were looked at. */
  readonly more?: boolean;
}

const DONE: Readonly<Record<Verb, string>> = Object.freeze({ cancel: "cancelled", retry: "retried" });

/** `headgate cancel` and `headgate retry`: by their ids, one after the other, or all that a filter finds. */
export function bulk(verb: Verb, ids: readonly string[], flags: BulkFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate, url) => {
    const filter = toFilter(flags);
    const isFiltered = Object.keys(filter).length > 0;
    if (isFiltered === ids.length > 0) {
      throw new UsageError(
        isFiltered
          ? `${verb}: give ids or filters, not both`
          : `${verb}: give the ids of tasks, or a filter such as --status`,
      );
    }
    return isFiltered ? byFilter(verb, headgate, filter, flags) : byIds(verb, headgate, ids, flags, url);
  });
}

/** Goes on after one that cannot be done; the first of those decides how the process ends. */
async function byIds(
  verb: Verb,
  headgate: Headgate,
  ids: readonly string[],
  { json, dryRun }: BulkFlags,
  url: string,
): Promise<ExitCode> {
  if (dryRun) throw new UsageError("--dry-run is for filters");
  let exitCode: ExitCode = ExitCode.ok;
  for (const id of ids) {
    try {
      const task = headgate.task(id);
      const renewed = verb === "retry" ? await task.retry() : await task.cancel();
      const made = renewed === undefined ? null : renewed.id;
      if (json)
        print(
          JSON.stringify({ task_id: id, done: DONE[verb], ...(made === null ? {} : { new_task_id: made }) }),
        );
      else print(`${DONE[verb]} ${id}${made === null ? "" : ` as ${made}`}`);
    } catch (thrown) {
      const failed = tell(toError(thrown), url);
      if (exitCode === ExitCode.ok) exitCode = failed;
    }
  }
  return exitCode;
}

async function byFilter(
  verb: Verb,
  headgate: Headgate,
  filter: TaskFilter,
  { yes, dryRun, json }: BulkFlags,
): Promise<ExitCode> {
  const ask = (dry: boolean): Promise<BulkAnswer> =>
    headgate.connection.json(`/tasks/${verb}`, {
      method: "POST",
      json: { ...filter, ...(dry ? { dry_run: true } : {}) },
    });
  if (dryRun || !yes) {
    const answer = await ask(true);
    const found = `${tasksOf(answer.matched)}${answer.more ? " and more" : ""}`;
    if (dryRun) {
      print(json ? JSON.stringify(answer, null, 2) : `${found} would be ${DONE[verb]}`);
      return ExitCode.ok;
    }
    if (answer.matched > 0 && !(await confirm(`${verb === "cancel" ? "Cancel" : "Retry"} ${found}?`))) {
      return ExitCode.interrupted;
    }
  }
  const answer = await ask(false);
  const done = answer.cancelled ?? answer.retried ?? 0;
  const rest = answer.more ? "; there are more: run it again" : "";
  print(
    json ? JSON.stringify(answer, null, 2) : `${DONE[verb]} ${done} of ${tasksOf(answer.matched)}${rest}`,
  );
  return ExitCode.ok;
}
