import { type QueryClient, skipToken, useQuery } from "@tanstack/react-query";
import type { Stats } from "../../../client/views.ts";

/** How things stood at one moment. Times in ms; null where nothing was measured lately. */
export interface Point {
  /** ms since the epoch, by the clock of this page. */
  readonly at: number;
  readonly acceptedPerSecond: number;
  readonly endedPerSecond: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly limit: number;
  readonly successRate: number | null;
  readonly wait: Percentiles | null;
  readonly run: Percentiles | null;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What moves in `/stats`: as much of it as the event `stats` carries. */
export type Moment = Pick<
  Stats,
  "queue" | "in_flight" | "limit" | "throughput" | "success_rate" | "queue_wait_seconds" | "target_seconds"
>;

const KEY = ["history"];
const EVERY_MS = 2_000;
const LONGEST = (15 * 60_000) / EVERY_MS;
const NOTHING: readonly Point[] = [];

/** The last quarter of an hour, or as much of it as this page was open; oldest first. */
export function useHistory(): readonly Point[] {
  const { data } = useQuery<readonly Point[]>({ queryKey: KEY, queryFn: skipToken, gcTime: Infinity });
  return data ?? NOTHING;
}

/** Keeps a moment. It lies with all else that the key may see, and goes with it. */
export function keepMoment(queries: QueryClient, moment: Moment, at: number): void {
  queries.setQueryDefaults(KEY, { gcTime: Infinity });
  queries.setQueryData<readonly Point[]>(KEY, (points = NOTHING) => {
    const last = points.at(-1);
    // The stream and a question to /stats may come at once: what came last is what the figures say, too.
    if (last !== undefined && at - last.at < EVERY_MS / 2) {
      return [...points.slice(0, -1), toPoint(moment, last.at)];
    }
    return [...points.slice(-LONGEST + 1), toPoint(moment, at)];
  });
}

function toPoint(moment: Moment, at: number): Point {
  const { throughput, queue } = moment;
  return {
    at,
    acceptedPerSecond: throughput.accepted_per_second,
    endedPerSecond: throughput.ended_per_second,
    waiting: queue.size,
    inFlight: moment.in_flight,
    limit: moment.limit,
    successRate: moment.success_rate,
    wait: toMs(moment.queue_wait_seconds),
    run: toMs(moment.target_seconds),
  };
}

export function toMs(seconds: Percentiles | null): Percentiles | null {
  return seconds && { p50: seconds.p50 * 1_000, p95: seconds.p95 * 1_000, p99: seconds.p99 * 1_000 };
}
