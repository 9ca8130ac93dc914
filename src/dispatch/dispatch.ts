import type { Loop } from "../lib/loop.ts";
import { createLoop } from "../lib/loop.ts";
import type { Claim, Store } from "../store/store.ts";
import type { AbortReason } from "../task/exchange.ts";
import { type Capacity, type Hold, isAtTargets } from "../task/hold.ts";
import { type AttemptSettings, createAttempts, type RunningAttempt, type Worked } from "./attempts.ts";
import { type ActiveLane, createLaneGate, type Openings } from "./lane.ts";
import { createTurns } from "./turns.ts";

/**
 * Takes tasks out of the line whenever there is room at the target and lets each run. One loop a lane: a round claims as
 * many tasks as may be sent now and says how long to sleep; an accepted task, a finished attempt and room at the targets
 * wake it.
 *
 * Whatever an attempt needs (a slot of its lane, a place at a target, a token of the rate) is taken before the store is
 * asked, so a task is never leased before it can go; the store counts the slots of all nodes.
 */
export interface Dispatcher {
  start(): void;
  /** Works these lanes from now on. Attempts of a lane that is gone run to their end. */
  configure(lanes: readonly ActiveLane[]): void;
  /** Something may have become claimable in this lane. */
  wake(lane: string): void;
  /** Targets of this pool may have room again. */
  wakePool(pool: string): void;
  /** Breaks off a running attempt; false when it does not run here. */
  abort(id: string, reason: AbortReason): boolean;
  running(): Iterable<RunningAttempt>;
  /** What keeps the next task of a lane from being sent; null when nothing does. */
  hold(lane: string): Hold | null;
  /** Attempts of a lane that may run at once now on this node: its limit, or the workers that there are for it. */
  slots(lane: string): number;
  /** Claims no more, lets what runs finish within `drainMs`, then breaks off the rest; resolves when all are settled. */
  stop(drainMs: number): Promise<void>;
}

export interface DispatchSettings extends AttemptSettings {
  readonly node: string;
  readonly lanes: readonly ActiveLane[];
  readonly capacityOf: (pool: string) => Capacity;
  readonly claim: Store["claim"];
  /** Hears how many tasks are left after each claim. */
  readonly onPending: (lane: string, pending: number) => void;
}

/** Other nodes free slots without telling this one. */
const LOOK_AGAIN_MS = 1_000;

/** What holds a lane may end between two looks at it. */
const SHORTEST_WAIT_MS = 1;

interface Lane extends Worked {
  readonly loop: Loop;
  /** Lanes that came when this one went: its attempts count against their limits, or a new name would double what is sent. */
  readonly heirs: Lane[];
}

export function createDispatcher(settings: DispatchSettings): Dispatcher {
  const { clock } = settings;
  const attempts = createAttempts(settings);
  const lanes = new Map<string, Lane>();
  const retired = new Set<Promise<void>>();
  const turns = createTurns<Lane>(settings.capacityOf, ({ gate }) => gate.config.name);
  let isStarted = false;

  function configure(wanted: readonly ActiveLane[]): void {
    const names = new Set(wanted.map(({ config }) => config.name));
    const gone: Lane[] = [];
    for (const [name, lane] of lanes) {
      if (names.has(name)) continue;
      gone.push(lane);
      lanes.delete(name);
      turns.leave(lane);
      const end = lane.loop.stop().finally(() => retired.delete(end));
      retired.add(end);
    }
    for (const lane of wanted) {
      const { name } = lane.config;
      const known = lanes.get(name) ?? newLane(lane, gone);
      lanes.set(name, known);
      known.gate.configure(lane);
      if (isStarted) known.loop.start();
      known.loop.wake();
    }
  }

  function newLane(active: ActiveLane, gone: readonly Lane[]): Lane {
    const before = gone.filter(({ gate }) => gate.config.pool === active.config.pool);
    const gate = createLaneGate(active, { ...settings, before: before.map((lane) => lane.gate) });
    const loop = createLoop(() => poll(lane), clock, settings.onError);
    const lane: Lane = { gate, loop, heirs: [], running: 0 };
    for (const { heirs } of before) heirs.push(lane);
    return lane;
  }

  function wakeWithHeirs({ loop, heirs }: Lane): void {
    loop.wake();
    for (const heir of heirs) wakeWithHeirs(heir);
  }

  async function poll(lane: Lane): Promise<number> {
    const openings = lane.gate.open();
    if (openings.count === 0) return untilOpen(lane);
    turns.leave(lane);
    wakeNext(openings.pool);
    const claim = await claimFor(lane, openings);
    settings.onPending(lane.gate.config.name, claim.pending);
    return claim.tasks.length < openings.count ? untilNextTask(claim) : untilOpen(lane);
  }

  async function claimFor(lane: Lane, openings: Openings): Promise<Claim> {
    const { gate } = lane;
    let used = 0;
    try {
      return await attempts.duringClaim(async () => {
        const claim = await settings.claim({
          lane: gate.config.name,
          node: settings.node,
          limit: openings.count,
          cap: gate.limit(),
          now: clock.now(),
        });
        used = claim.tasks.length;
        for (const task of claim.tasks) attempts.run(lane, task, openings, () => wakeWithHeirs(lane));
        return claim;
      });
    } finally {
      gate.giveBack(openings, openings.count - used);
    }
  }

  /** Whoever frees a slot or a place wakes the lane; only the rate does not tell when it has a token. */
  function untilOpen(lane: Lane): number {
    const { config, hold: holdNow } = lane.gate;
    const hold = holdNow();
    if (hold !== null && isAtTargets(hold)) {
      turns.wait(config.pool, lane);
      return Infinity;
    }
    turns.leave(lane);
    wakeNext(config.pool);
    if (hold === null) return 0;
    return hold.kind === "rate" ? Math.max(SHORTEST_WAIT_MS, (hold.until ?? 0) - clock.now()) : Infinity;
  }

  function wakeNext(pool: string): void {
    turns.next(pool)?.loop.wake();
  }

  function untilNextTask({ nextDueAt, pending }: Claim): number {
    const untilDueMs = nextDueAt === null ? Infinity : Math.max(0, nextDueAt - clock.now());
    return pending > 0 ? Math.min(untilDueMs, LOOK_AGAIN_MS) : untilDueMs;
  }

  configure(settings.lanes);
  return {
    start() {
      isStarted = true;
      for (const { loop } of lanes.values()) loop.start();
    },
    configure,
    wake(name) {
      lanes.get(name)?.loop.wake();
    },
    wakePool(pool) {
      wakeNext(pool);
    },
    abort: attempts.abort,
    running: attempts.running,
    hold(name) {
      const lane = lanes.get(name);
      return lane === undefined ? { kind: "no_route", until: null } : lane.gate.hold();
    },
    slots(name) {
      const gate = lanes.get(name)?.gate;
      return gate === undefined ? 1 : Math.max(1, Math.min(gate.config.workers, gate.limit()));
    },
    async stop(drainMs) {
      // Lanes may be changed while others drain.
      isStarted = false;
      await Promise.all([...retired, ...[...lanes.values()].map(({ loop }) => loop.stop())]);
      await attempts.drain(drainMs);
    },
  };
}
