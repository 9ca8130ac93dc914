import type { Connection } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { within } from "./signal.ts";
import { sleep } from "./sleep.ts";

export interface PollOptions<View> {
  readonly path: string;
  /** Somebody wants to see each change, and at once how it stands now. */
  readonly isWatched: boolean;
  readonly timeoutMs: number | undefined;
  readonly pauseMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Told what was seen; answers whether it is over. */
  isOver(view: View): boolean;
  /** The time to wait is over. */
  late(last: View | null): Error;
}

const LONG_POLL_MS = 30_000;
const WATCHED_POLL_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
const ANSWER_WITHIN_MS = 30_000;

/**
 * Looks at something until it is over. A server that is away meanwhile is asked again until the time is over: its tasks are
 * on its disk. Throws the signal's reason when that is aborted, and the `HeadgateError` of what is refused for good.
 */
export async function poll<View>(connection: Connection, options: PollOptions<View>): Promise<View> {
  const { signal, timeoutMs = Infinity, pauseMs = 500 } = options;
  const deadline = performance.now() + timeoutMs;
  let last: View | null = null;
  for (let failures = 0; ;) {
    signal?.throwIfAborted();
    const beganMs = performance.now();
    const leftMs = deadline - beganMs;
    if (leftMs <= 0) throw options.late(last);
    const holdMs: number = Math.min(leftMs, holdOf(options.isWatched, last === null));
    const seen = await look<View>(connection, options.path, holdMs, leftMs, signal);
    if ("away" in seen) {
      const own = pauseMs * 2 ** Math.min(failures++, 6) * (0.5 + Math.random() / 2);
      const pause = Math.min(LONGEST_PAUSE_MS, Math.max(own, seen.retryAfterSeconds * 1_000));
      await sleep(Math.min(pause, Math.max(0, deadline - performance.now())), signal);
      continue;
    }
    failures = 0;
    last = seen.view;
    if (options.isOver(last)) return last;
    // A server that stops, or a proxy that drops the query, answers at once: that must not spin.
    if (performance.now() - beganMs < holdMs / 2) await sleep(Math.min(500, holdMs), signal);
  }
}

/** How long the server may keep a question to itself, in milliseconds. */
function holdOf(isWatched: boolean, isFirst: boolean): number {
  if (!isWatched) return LONG_POLL_MS;
  return isFirst ? 0 : WATCHED_POLL_MS;
}

type Seen<View> = { readonly view: View } | { readonly away: true; readonly retryAfterSeconds: number };

async function look<View>(
  connection: Connection,
  path: string,
  holdMs: number,
  leftMs: number,
  signal: AbortSignal | undefined,
): Promise<Seen<View>> {
  // One that takes the question and does not answer must not hold whoever has no time.
  const patienceMs = Math.min(ANSWER_WITHIN_MS, Math.max(1_000, leftMs - holdMs));
  const deadline = within(holdMs + patienceMs, signal);
  try {
    const query = { wait: (holdMs / 1_000).toFixed(3) };
    return { view: await connection.json<View>(path, { query, signal: deadline.signal }) };
  } catch (error) {
    if (!(error instanceof HeadgateError)) return { away: true, retryAfterSeconds: 0 };
    if (error.status < 500 && error.status !== 408 && error.status !== 429) throw error;
    return { away: true, retryAfterSeconds: error.retryAfterSeconds ?? 0 };
  } finally {
    deadline.end();
  }
}
