import { z } from "zod";
import { type Clock, toIsoTime } from "../lib/clock.ts";
import type { Unsubscribe } from "../lib/emitter.ts";
import { createLoop } from "../lib/loop.ts";
import { HOLD } from "./hold-view.ts";
import { type LaneView, STORED } from "./lane-schema.ts";
import { QUEUE_WAIT, TARGET_TIME } from "./percentiles.ts";
import { type SnapshotSettings, takeSnapshot } from "./snapshot.ts";
import type { StatsView } from "./stats-schema.ts";
import { viewStats } from "./stats-view.ts";

type LanePulse = Pick<
  LaneView,
  "name" | "paused" | "waiting_for" | "tasks" | "queue" | "in_flight" | "limit"
>;

/** Data of `stats`: of `/stats`, under the same names, what moves from one moment to the next. */
interface PulseView extends Pick<
  StatsView,
  | "tasks"
  | "queue"
  | "in_flight"
  | "limit"
  | "throughput"
  | "success_rate"
  | "queue_wait_seconds"
  | "target_seconds"
> {
  readonly at: string;
  readonly long_tasks: number;
  readonly lanes: readonly LanePulse[];
}

const COUNT = z.int().nonnegative();
const RATE = z.number().nonnegative();

export const PULSE: z.ZodType<PulseView> = z
  .object({
    at: z.string().meta({ format: "date-time" }),
    tasks: STORED,
    queue: z.object({ size: COUNT, capacity: COUNT }),
    in_flight: COUNT,
    limit: COUNT,
    throughput: z.object({
      window_seconds: RATE,
      accepted_per_second: RATE,
      started_per_second: RATE,
      ended_per_second: RATE,
    }),
    success_rate: z.number().min(0).max(1).nullable(),
    queue_wait_seconds: QUEUE_WAIT,
    target_seconds: TARGET_TIME,
    long_tasks: COUNT,
    lanes: z.array(
      z.object({
        name: z.string(),
        paused: z.boolean(),
        waiting_for: HOLD.nullable(),
        tasks: STORED,
        queue: z.object({ size: COUNT, capacity: COUNT.nullable() }),
        in_flight: COUNT,
        limit: COUNT.nullable(),
      }),
    ),
  })
  .describe("Data of `stats`, every two seconds: of `GET /stats` what moves.")
  .meta({ id: "StatsPulse" });

export interface Pulse {
  /** Calls with the data of `stats`, soon and then every two seconds. */
  follow(onPulse: (data: string) => void): Unsubscribe;
  stop(): Promise<void>;
}

export interface PulseSettings extends SnapshotSettings {
  readonly clock: Clock;
  readonly onUnexpected: (thrown: unknown) => void;
}

const PULSE_MS = 2_000;

/** One look for all who follow, and none while nobody does. */
export function createPulse(settings: PulseSettings): Pulse {
  const followers = new Set<(data: string) => void>();
  const rounds = createLoop(beat, settings.clock, settings.onUnexpected, PULSE_MS);

  async function beat(): Promise<number> {
    if (followers.size === 0) return Infinity;
    const data = JSON.stringify(toPulse(viewStats(await takeSnapshot(settings)), settings.clock.now()));
    for (const onPulse of followers) onPulse(data);
    return PULSE_MS;
  }

  return {
    follow(onPulse) {
      followers.add(onPulse);
      rounds.start();
      rounds.wake();
      return () => followers.delete(onPulse);
    },
    stop: rounds.stop,
  };
}

function toPulse(stats: StatsView, now: number): PulseView {
  const { tasks, queue, in_flight, limit, throughput, success_rate, queue_wait_seconds, target_seconds } =
    stats;
  return {
    at: toIsoTime(now),
    tasks,
    queue,
    in_flight,
    limit,
    throughput,
    success_rate,
    queue_wait_seconds,
    target_seconds,
    long_tasks: stats.long_tasks.running,
    lanes: stats.lanes.map(({ name, paused, waiting_for, tasks, queue, in_flight, limit }) => ({
      name,
      paused,
      waiting_for,
      tasks,
      queue,
      in_flight,
      limit,
    })),
  };
}
