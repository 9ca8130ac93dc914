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
  readonly from?: WalkPlace;
  /** Null only to count. */
  readonly act: Act | null;
  readonly atOnce: number;
  /** Who waits for it: when nobody does any more it ends. */
  readonly client: { readonly destroyed: boolean };
  readonly clock: Clock;
}

/** How far a walk has come. */
export interface WalkPlace {
  /** The last task that was dealt with; null before the first. */
  readonly reached: string | null;
  /** Lanes that had no room; of each, the last task before its first that found none. */
  readonly held: ReadonlyMap<string, string | null>;
  /** Nothing is left but tasks of lanes that are held. */
  readonly isThrough: boolean;
}

export interface Walked {
  readonly matched: number;
  readonly done: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly more: boolean;
  readonly place: WalkPlace;
}

const MOST_TASKS = 10_000;
/** Proxies give up on a call that is silent for longer. */
const LONGEST_MS = 20_000;
const PAGE = 200;

const BEGINNING: WalkPlace = Object.freeze({ reached: null, held: new Map(), isThrough: false });

/** Reasons that lie in one task. Any other, such as a full disk, would meet the next as well. */
const OF_ONE_TASK: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "conflict",
  "gone",
  "not_found",
  "invalid_request",
  "start_within_unmet",
  "forbidden",
]);

/**
 * Acts upon tasks, the newest first, until there are no more or the call has done enough. Where a lane has no room its
 * tasks are passed over, and each call that goes on from there tries them last, from the first that found none: no task
 * is left out, and none is dealt with twice.
 */
export async function walk(settings: Walk): Promise<Walked> {
  const { filter, states, act, atOnce, client, clock, from = BEGINNING } = settings;
  const until = clock.monotonicMs() + LONGEST_MS;
  const skipped: Record<string, number> = {};
  const held = new Map(from.held);
  let matched = 0;
  let done = 0;
  let isStopped = false;

  function isEnough(): boolean {
    return isStopped || matched >= MOST_TASKS || clock.monotonicMs() > until || client.destroyed;
  }

  /** Whether the walk may go on behind the task. */
  async function deal(task: Task, before: string | null, isOneLane: boolean): Promise<boolean> {
    matched += 1;
    const reason = act && (await reasonOf(act, task));
    if (reason !== null) skipped[reason] = (skipped[reason] ?? 0) + 1;
    else if (act !== null) done += 1;
    if (reason === null || OF_ONE_TASK.has(reason)) return true;
    if (reason === "queue_full" && !isOneLane) {
      held.set(task.lane, before);
      return true;
    }
    isStopped = reason !== "queue_full";
    return false;
  }

  /** From a task on, up to the last or to where it ended. */
  async function through(wanted: Omit<ListFilter, "limit">, after: string | null): Promise<Stretch> {
    const isOneLane = wanted.lane !== undefined;
    let reached = after;
    let next = after;
    do {
      if (isEnough()) return { reached, isThrough: false };
      const place = next === null ? {} : { after: next };
      const page = await settings.list({ ...wanted, ...place, limit: Math.min(PAGE, MOST_TASKS - matched) });
      for (let at = 0; at < page.tasks.length; at += atOnce) {
        if (isEnough()) return { reached, isThrough: false };
        const some = page.tasks.slice(at, at + atOnce);
        const before = reached;
        const tried = some.filter(({ lane }) => isOneLane || !held.has(lane));
        const goesOn = await Promise.all(tried.map((task) => deal(task, before, isOneLane)));
        if (goesOn.includes(false)) return { reached, isThrough: false };
        reached = some.at(-1)?.id ?? reached;
      }
      // A page without a match leads on, too.
      reached = page.next ?? reached;
      next = page.next;
    } while (next !== null);
    return { reached, isThrough: true };
  }

  let { reached, isThrough } = from;
  if (filter !== null && !isThrough) {
    isThrough = true;
    for (const state of states) {
      if (isThrough) ({ reached, isThrough } = await through({ ...filter, state }, from.reached));
    }
  }
  for (const [lane, before] of filter === null || !isThrough ? [] : from.held) {
    for (const state of states) {
      const rest = await through({ ...filter, state, lane }, before);
      if (rest.isThrough) held.delete(lane);
      else held.set(lane, rest.reached);
    }
  }
  const isAll = filter === null || (isThrough && held.size === 0);
  return { matched, done, skipped, more: !isAll, place: { reached, held, isThrough } };
}

interface Stretch {
  /** The last task that was dealt with, or passed over. */
  readonly reached: string | null;
  readonly isThrough: boolean;
}

async function reasonOf(act: Act, task: Task): Promise<ErrorCode | null> {
  try {
    return await act(task);
  } catch (error) {
    if (error instanceof HeadgateError && error.code !== "internal") return error.code;
    throw error;
  }
}
