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

/** What `POST /tasks/cancel` and `POST /tasks/retry` answer, of one call. */
interface BulkAnswer {
  readonly matched: number;
  readonly cancelled?: number;
  readonly retried?: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly more: boolean;
  /** Of retries, which would take the same ones again without it. */
  readonly next_cursor?: string | null;
}

/** Reasons that lie in one task; with any other the rest, or the rest of a route, would meet it as well. */
const OF_ONE_TASK: ReadonlySet<string> = new Set([
  "conflict",
  "gone",
  "not_found",
  "invalid_request",
  "start_within_unmet",
  "forbidden",
]);

const DONE: Readonly<Record<Verb, string>> = Object.freeze({ cancel: "cancelled", retry: "retried" });

/** `headgate cancel` and `headgate retry`: by their ids, one after the other, or all that a filter finds. */
export function bulk(verb: Verb, ids: readonly string[], flags: BulkFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate, url) => {
    const filter = toFilter(flags);
    const chosen = { ...filter, ...(flags.all ? { all: true } : {}) };
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
  chosen: object,
  { yes, dryRun, json }: BulkFlags,
): Promise<ExitCode> {
  const call = (more: object): Promise<BulkAnswer> =>
    headgate.connection.json(`/tasks/${verb}`, { method: "POST", json: { ...chosen, ...more } });
  if (dryRun || !yes) {
    const answer = await call({ dry_run: true });
    const found = `${tasksOf(answer.matched)}${answer.more ? " and more" : ""}`;
    if (dryRun) {
      print(json ? JSON.stringify(answer, null, 2) : `${found} would be ${DONE[verb]}`);
      return ExitCode.ok;
    }
    if (answer.matched > 0 && !(await confirm(`${verb === "cancel" ? "Cancel" : "Retry"} ${found}?`))) {
      return ExitCode.interrupted;
    }
  }
  const sum = await throughAll(call);
  const { matched, done, skipped } = sum;
  if (json) print(JSON.stringify({ matched, [DONE[verb]]: done, skipped }, null, 2));
  else print(`${DONE[verb]} ${count(done)} of ${tasksOf(matched)}${reasonsText(skipped)}`);
  return isStopped(skipped) ? ExitCode.full : ExitCode.ok;
}

interface Sum {
  readonly matched: number;
  readonly done: number;
  readonly skipped: Readonly<Record<string, number>>;
}

/** A call takes so many tasks and so much time; the next goes on where it ended. */
async function throughAll(call: (more: object) => Promise<BulkAnswer>): Promise<Sum> {
  let sum: Sum = { matched: 0, done: 0, skipped: {} };
  let place = {};
  for (;;) {
    const answer = await call(place);
    const { matched, cancelled, retried, skipped, more, next_cursor: cursor } = answer;
    const done = cancelled ?? retried ?? 0;
    sum = {
      matched: sum.matched + matched,
      done: sum.done + done,
      skipped: addUp(sum.skipped, skipped),
    };
    // What could not be cancelled would be met again and again.
    const isFutile = done === 0 && typeof cursor !== "string";
    if (!more || isFutile || isStopped(skipped)) return sum;
    place = typeof cursor === "string" ? { cursor } : {};
  }
}

function addUp(
  some: Readonly<Record<string, number>>,
  others: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sums = { ...some };
  for (const [reason, amount] of Object.entries(others)) sums[reason] = (sums[reason] ?? 0) + amount;
  return sums;
}

function isStopped(skipped: Readonly<Record<string, number>>): boolean {
  return Object.keys(skipped).some((reason) => !OF_ONE_TASK.has(reason));
}

function reasonsText(skipped: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(skipped).map(([reason, amount]) => `${count(amount)} ${reason}`);
  return reasons.length === 0 ? "" : `; not ${harmless(reasons.join(", "))}`;
}
