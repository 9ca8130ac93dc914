import type { Clock } from "../lib/clock.ts";
import { type ErrorCode, HeadgateError } from "../lib/error.ts";
import type { ListFilter, Store } from "../store/store.ts";
import type { State, Task } from "../task/task.ts";

/** Does something to one task; answers, or throws, why it could not be done. */
export type Act = (task: Task) => Promise<ErrorCode | null>;

export interface Walk {
  readonly list: Store["list"];
  /** Null for one that nothing matches. */
  readonly filter: Omit<ListFilter, "limit"> | null;
  /** One after the other. */
  readonly states: readonly State[];
  /** Where an earlier walk through the same ended. */
  readonly after?: string;
  /** Null only to count. */
  readonly act: Act | null;
  readonly atOnce: number;
  /** Who waits for it: when nobody does any more it ends. */
  readonly client: { readonly destroyed: boolean };
  readonly clock: Clock;
}

export interface Walked {
  readonly matched: number;
  readonly done: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly more: boolean;
  /** The last task that was dealt with. */
  readonly reached: string | null;
}

const MOST_TASKS = 10_000;
/** Proxies give up on a call that is silent for longer. */
const LONGEST_MS = 20_000;
const PAGE = 200;

/** Reasons that lie in one task. Any other, such as a full queue, would meet the next as well. */
const OF_ONE_TASK: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["conflict", "gone", "not_found"]);

/** Acts upon tasks, the newest first, until there are no more or the call has done enough. */
export async function walk(settings: Walk): Promise<Walked> {
  const { filter, states, act, atOnce, client, clock } = settings;
  const until = clock.monotonicMs() + LONGEST_MS;
  const skipped: Record<string, number> = {};
  let matched = 0;
  let done = 0;
  let reached = settings.after ?? null;
  let isStopped = false;

  function isEnough(): boolean {
    return isStopped || matched >= MOST_TASKS || clock.monotonicMs() > until || client.destroyed;
  }

  async function deal(task: Task): Promise<void> {
    const reason = act && (await reasonOf(act, task));
    if (reason !== null) skipped[reason] = (skipped[reason] ?? 0) + 1;
    else if (act !== null) done += 1;
    if (reason === null || OF_ONE_TASK.has(reason)) reached = task.id;
    else isStopped = true;
  }

  /** False when it ended before the last of them. */
  async function through(wanted: Omit<ListFilter, "limit">): Promise<boolean> {
    let next = settings.after ?? null;
    do {
      if (isEnough()) return false;
      const after = next === null ? {} : { after: next };
      const page = await settings.list({ ...wanted, ...after, limit: Math.min(PAGE, MOST_TASKS - matched) });
      for (let at = 0; at < page.tasks.length; at += atOnce) {
        if (isEnough()) return false;
        const some = page.tasks.slice(at, at + atOnce);
        matched += some.length;
        await Promise.all(some.map(deal));
      }
      if (isStopped) return false;
      // A page without a match leads on, too.
      reached = page.next ?? reached;
      next = page.next;
    } while (next !== null);
    return true;
  }

  let isThrough = true;
  for (const state of filter === null ? [] : states) isThrough &&= await through({ ...filter, state });
  return { matched, done, skipped, more: !isThrough, reached };
}

async function reasonOf(act: Act, task: Task): Promise<ErrorCode | null> {
  try {
    return await act(task);
  } catch (error) {
    if (error instanceof HeadgateError && error.code !== "internal") return error.code;
    throw error;
  }
}
