import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Capacity, Hold } from "../task/hold.ts";
import type { Rate } from "../task/lane.ts";
import { createAdaptiveLimit } from "./adaptive.ts";
import { type ConcurrencyLimit, fixedLimit } from "./concurrency.ts";
import { createRateLimit, type RateLimit } from "./rate.ts";

/** A lane as it is to be worked: its configuration with what was changed while running. */
export interface ActiveLane {
  readonly config: LaneConfig;
  readonly paused: boolean;
}

/** How many tasks of one lane may be sent now: slots, places at its targets and tokens of its rate, taken together. */
export interface LaneGate {
  readonly config: LaneConfig;
  /** Takes as many openings as there are; each is used for a task or given back. */
  open(): Openings;
  /** `unused` of these openings: there was no task for them. */
  giveBack(openings: Openings, unused: number): void;
  /** A task was claimed and nothing was sent for it: its place has been given back, here comes its token. */
  unsent(openings: Openings): void;
  /** The sending of a task is over, and its place at the target free; its slot is kept until it is settled. */
  record: ConcurrencyLimit["record"];
  /** A task is settled: its slot is free. */
  leave(): void;
  /** Attempts that run or are about to, those of lanes that this one took the place of included. */
  taken(): number;
  /** Attempts at once, over all nodes. */
  limit(): number;
  /** What keeps the next task; null when nothing does. */
  hold(): Hold | null;
  configure(lane: ActiveLane): void;
}

export interface Openings {
  readonly count: number;
  /** Where places and tokens were taken: the lane may be given another pool and rate meanwhile. */
  readonly pool: string;
  readonly rate: RateLimit | null;
}

export interface LaneGateSettings {
  readonly capacityOf: (pool: string) => Capacity;
  readonly clock: Clock;
  /** Lanes that this one took the place of: what they still run counts against its limit. */
  readonly before?: readonly LaneGate[];
}

export function createLaneGate(
  initial: ActiveLane,
  { capacityOf, clock, before: former = [] }: LaneGateSettings,
): LaneGate {
  let { config, paused } = initial;
  let limit = newLimit(config);
  let rate = newRate(config.rate);
  let taken = 0;
  let before = former;

  function newLimit({ maxConcurrent }: LaneConfig): ConcurrencyLimit {
    return maxConcurrent === "auto"
      ? createAdaptiveLimit({ clock, most: () => config.workers })
      : fixedLimit(maxConcurrent);
  }

  function newRate(configured: Rate | null): RateLimit | null {
    return configured === null ? null : createRateLimit(configured, clock);
  }

  /** With what runs in lanes that this one took the place of. */
  function takenInAll(): number {
    if (before.length === 0) return taken;
    before = before.filter((gate) => gate.taken() > 0);
    return before.reduce((sum, gate) => sum + gate.taken(), taken);
  }

  function freeSlots(): number {
    return Math.min(config.workers, limit.current()) - takenInAll();
  }

  return {
    get config() {
      return config;
    },
    open() {
      const { name, pool } = config;
      const slots = paused ? 0 : freeSlots();
      if (slots <= 0) return { count: 0, pool, rate };
      const capacity = capacityOf(pool);
      const places = capacity.reserve(name, slots);
      const count = rate === null ? places : rate.take(places);
      if (count < places) capacity.giveBack(places - count);
      taken += count;
      return { count, pool, rate };
    },
    giveBack(openings, unused) {
      if (unused === 0) return;
      taken -= unused;
      capacityOf(openings.pool).giveBack(unused);
      openings.rate?.giveBack(unused);
    },
    unsent: (openings) => openings.rate?.giveBack(1),
    record: (sample) => limit.record(sample),
    leave() {
      taken -= 1;
    },
    taken: takenInAll,
    limit: () => limit.current(),
    hold() {
      if (paused) return { kind: "paused", until: null };
      if (freeSlots() <= 0) return { kind: "lane_limit", until: null };
      const atTargets = capacityOf(config.pool).hold(config.name);
      if (atTargets !== null) return atTargets;
      const waitMs = rate?.waitMs() ?? 0;
      return waitMs === 0 ? null : { kind: "rate", until: clock.now() + waitMs };
    },
    configure(lane) {
      const before = config;
      ({ config, paused } = lane);
      // What was learned about the targets stays while the limit is still to be learned.
      if (config.maxConcurrent !== before.maxConcurrent) limit = newLimit(config);
      if (!isSameRate(config.rate, before.rate)) rate = newRate(config.rate);
    },
  };
}

function isSameRate(a: Rate | null, b: Rate | null): boolean {
  return a?.count === b?.count && a?.perMs === b?.perMs && a?.burst === b?.burst;
}
