import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Lane, Stats } from "../../../client/views.ts";
import { useSession } from "../session/session.tsx";
import { keepMoment, type Moment } from "./history.ts";
import { useLinkState, useLive } from "./live.tsx";

/** What the event `stats` carries, by the names of `/stats`. */
interface Pulse extends Moment {
  readonly at: string;
  readonly tasks: Stats["tasks"];
  readonly long_tasks: number;
  readonly lanes: readonly Pick<
    Lane,
    "name" | "paused" | "waiting_for" | "tasks" | "queue" | "in_flight" | "limit"
  >[];
}

export interface CurrentStats {
  readonly data: Stats | undefined;
  readonly error: Error | null;
  readonly refetch: () => Promise<unknown>;
}

const STATS_KEY = ["stats"];
/** Apart from the answers: each that is written would put off the next question. */
const PULSE_KEY = ["pulse"];

/** `/stats`, as of this moment: by the stream while there is one, which leaves out what moves slowly, else by asking. */
export function useStats(): CurrentStats {
  const { client } = useSession();
  const queries = useQueryClient();
  const isLive = useLinkState() === "live";
  const asked = useQuery({
    queryKey: STATS_KEY,
    async queryFn() {
      const stats = await client.stats();
      keepMoment(queries, stats, Date.now());
      return stats;
    },
    refetchInterval: isLive ? 5_000 : 2_000,
  });
  const told = useQuery<Pulse>({ queryKey: PULSE_KEY, queryFn: skipToken });
  const { data: stats, dataUpdatedAt, error, refetch } = asked;
  const pulse = told.dataUpdatedAt > dataUpdatedAt ? told.data : undefined;
  const data = useMemo(() => (stats && pulse ? take(stats, pulse) : stats), [stats, pulse]);
  return { data, error, refetch };
}

/** How many tasks there are in each state, of one lane or of all, as the stream told last; null until it did. */
export function useCounts(lane: string | undefined): Stats["tasks"] | null {
  const { data } = useQuery<Pulse>({ queryKey: PULSE_KEY, queryFn: skipToken });
  if (data === undefined) return null;
  return lane === undefined ? data.tasks : (data.lanes.find(({ name }) => name === lane)?.tasks ?? null);
}

/** Keeps what the stream tells, whichever view is open. Shows nothing. */
export function StatsKeeper(): null {
  const queries = useQueryClient();
  useLive((events) => {
    // What matters of many in one frame is the last.
    const pulse = events.findLast(({ type }) => type === "stats")?.data as Pulse | undefined;
    if (pulse !== undefined) {
      keepMoment(queries, pulse, Date.now());
      queries.setQueryData(PULSE_KEY, pulse);
    }
    if (events.some(({ type }) => type === "lane" || type === "target")) {
      void queries.invalidateQueries({ queryKey: STATS_KEY });
    }
  });
  return null;
}

function take(stats: Stats, pulse: Pulse): Stats {
  const { at: _at, lanes: pulses, long_tasks: running, ...moves } = pulse;
  const lanes = new Map(pulses.map((lane) => [lane.name, lane]));
  return {
    ...stats,
    ...moves,
    long_tasks: { ...stats.long_tasks, running },
    lanes: stats.lanes.map((lane) => ({ ...lane, ...lanes.get(lane.name) })),
  };
}
