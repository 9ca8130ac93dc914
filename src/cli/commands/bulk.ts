import { type BulkFilter, isStopped } from "../../../client/bulk.ts";
import type { Headgate } from "../../../client/client.ts";
import { toError } from "../../lib/error.ts";
import { count, tasks as tasksOf } from "../amounts.ts";
import { confirm } from "../confirm.ts";
import { type ConnectionFlags, tell, UsageError, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { type FilterFlags, toFilter } from "../filter.ts";
import { harmless } from "../harmless.ts";
import { print } from "../terminal.ts";

export interface BulkFlags extends ConnectionFlags, FilterFlags {
  readonly yes?: true;
  readonly dryRun?: true;
  /** In place of a filter. */
  readonly all?: true;
}

type Verb = "cancel" | "retry";

/** What a dry run answers. */
interface Count {
  readonly matched: number;
  readonly more: boolean;
}

const DONE: Readonly<Record<Verb, string>> = Object.freeze({ cancel: "cancelled", retry: "retried" });

/** `headgate cancel` and `headgate retry`: by their ids, one after the other, or all that a filter finds. */
export function bulk(verb: Verb, ids: readonly string[], flags: BulkFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate, url) => {
    const filter = toFilter(flags);
    const chosen = { ...filter, ...(flags.all ? { all: true as const } : {}) };
    const isFiltered = Object.keys(chosen).length > 0;
    if (isFiltered === ids.length > 0) {
      throw new UsageError(
        isFiltered
          ? `${verb}: give ids or filters, not both`
          : `${verb}: give the ids of tasks, a filter such as --status, or --all`,
      );
    }
    return isFiltered ? byFilter(verb, headgate, chosen, flags) : byIds(verb, headgate, ids, flags, url);
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
  chosen: BulkFilter,
  { yes, dryRun, json }: BulkFlags,
): Promise<ExitCode> {
  if (dryRun || !yes) {
    const question = { ...chosen, dry_run: true };
    const answer = await headgate.connection.json<Count>(`/tasks/${verb}`, {
      method: "POST",
      json: question,
    });
    const found = `${tasksOf(answer.matched)}${answer.more ? " and more" : ""}`;
    if (dryRun) {
      print(json ? JSON.stringify(answer, null, 2) : `${found} would be ${DONE[verb]}`);
      return ExitCode.ok;
    }
    if (answer.matched > 0 && !(await confirm(`${verb === "cancel" ? "Cancel" : "Retry"} ${found}?`))) {
      return ExitCode.interrupted;
    }
  }
  const outcome = await (verb === "cancel" ? headgate.cancelAll(chosen) : headgate.retryAll(chosen));
  const { matched, done, skipped } = outcome;
  if (json) print(JSON.stringify({ matched, [DONE[verb]]: done, skipped }, null, 2));
  else print(`${DONE[verb]} ${count(done)} of ${tasksOf(matched)}${reasonsText(skipped)}`);
  return isStopped(skipped) ? ExitCode.full : ExitCode.ok;
}

function reasonsText(skipped: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(skipped).map(([reason, amount]) => `${count(amount)} ${reason}`);
  return reasons.length === 0 ? "" : ` (left alone: ${harmless(reasons.join(", "))})`;
}
