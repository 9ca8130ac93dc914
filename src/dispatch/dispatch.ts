import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { Loop } from "../lib/loop.ts";
import { createLoop } from "../lib/loop.ts";
import type { Claim, Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import type { AbortReason, Exchange } from "../task/exchange.ts";
import { type Capacity, type Hold, isAtTargets } from "../task/hold.ts";
import type { ClaimedTask } from "../task/task.ts";
import type { Sample } from "./concurrency.ts";
import { type ActiveLane, createLaneGate, type LaneGate, type Openings } from "./lane.ts";
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
  /** Attempts of a lane that may run at once now, over all nodes. */
  limit(lane: string): number;
  /** Attempts of a lane that may run at once on this node. */
  slots(lane: string): number;
  /** Claims no more, lets what runs finish within `drainMs`, then breaks off the rest; resolves when all are settled. */
  stop(drainMs: number): Promise<void>;
}

export interface RunningAttempt {
  readonly task: ClaimedTask;
  readonly abort: AbortController;
}

export interface DispatchSettings {
  readonly node: string;
  readonly lanes: readonly ActiveLane[];
  readonly capacityOf: (pool: string) => Capacity;
  readonly clock: Clock;
  readonly claim: Store["claim"];
  /** Uses up one place of the lane's pool; never rejects. */
  readonly send: (task: ClaimedTask, pool: string, signal: AbortSignal) => Promise<Exchange>;
  readonly settle: (task: ClaimedTask, exchange: Exchange) => Promise<void>;
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Hears how many tasks are left after each claim. */
  readonly onPending: (lane: string, pending: number) => void;
  readonly onError: (thrown: unknown) => void;
}

/** Other nodes free slots without telling this one. */
const LOOK_AGAIN_MS = 1_000;

/** What holds a lane may end between two looks at it. */
const SHORTEST_WAIT_MS = 1;

interface Lane {
  readonly gate: LaneGate;
  readonly loop: Loop;
  /** Attempts that are not settled yet. Less than the gate counts, which also holds slots for a claim under way. */
  running: number;
}

export function createDispatcher(settings: DispatchSettings): Dispatcher {
  const { clock, emit } = settings;
  const running = new Map<string, RunningAttempt>();
  const ends = new Set<Promise<void>>();
  const lanes = new Map<string, Lane>();
  const retired = new Set<Promise<void>>();
  const turns = createTurns<Lane>(settings.capacityOf, ({ gate }) => gate.config.name);
  /** A task may be claimed and cancelled in one transaction, and the cancel be heard of before the claim. */
  const abortedEarly = new Map<string, AbortReason>();
  let claimsUnderWay = 0;
  let isStarted = false;

  function configure(wanted: readonly ActiveLane[]): void {
    const names = new Set(wanted.map(({ config }) => config.name));
    for (const [name, lane] of lanes) {
      if (names.has(name)) continue;
      lanes.delete(name);
      turns.leave(lane);
      const end = lane.loop.stop().finally(() => retired.delete(end));
      retired.add(end);
    }
    for (const lane of wanted) {
      const { name } = lane.config;
      const known = lanes.get(name) ?? newLane(lane);
      lanes.set(name, known);
      known.gate.configure(lane);
      if (isStarted) known.loop.start();
      known.loop.wake();
    }
  }

  function newLane(active: ActiveLane): Lane {
    const gate = createLaneGate(active, settings);
    const lane: Lane = { gate, loop: createLoop(() => poll(lane), clock, settings.onError), running: 0 };
    return lane;
  }

  async function poll(lane: Lane): Promise<number> {
    const { gate } = lane;
    const { name } = gate.config;
    const openings = gate.open();
    const { count } = openings;
    if (count === 0) return untilOpen(lane);
    turns.leave(lane);
    wakeNext(openings.pool);
    claimsUnderWay++;
    let claim: Claim | null = null;
    try {
      claim = await settings.claim({
        lane: name,
        node: settings.node,
        limit: count,
        cap: gate.limit(),
        now: clock.now(),
      });
    } finally {
      claimsUnderWay--;
      gate.giveBack(openings, count - (claim?.tasks.length ?? 0));
    }
    for (const task of claim.tasks) run(lane, task, openings);
    if (claimsUnderWay === 0) abortedEarly.clear();
    settings.onPending(name, claim.pending);
    return claim.tasks.length < count ? untilNextTask(claim) : untilOpen(lane);
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

  function run(lane: Lane, task: ClaimedTask, openings: Openings): void {
    const abort = new AbortController();
    const id = task.lease.taskId;
    const reason = abortedEarly.get(id);
    if (reason !== undefined) abort.abort(reason);
    running.set(id, { task, abort });
    lane.running += 1;
    emit("attempt.started", {
      id,
      lane: task.lane,
      attempt: task.attempt,
      waitedMs: task.startedAt - task.createdAt,
    });
    const end = attempt(lane, task, openings, abort.signal).finally(() => {
      running.delete(id);
      lane.running -= 1;
      ends.delete(end);
      lane.gate.leave();
      lane.loop.wake();
    });
    ends.add(end);
  }

  async function attempt(
    lane: Lane,
    task: ClaimedTask,
    openings: Openings,
    signal: AbortSignal,
  ): Promise<void> {
    const { gate } = lane;
    try {
      const startedAt = clock.monotonicMs();
      const exchange = await settings.send(task, openings.pool, signal);
      gate.record({
        durationMs: clock.monotonicMs() - startedAt,
        outcome: outcomeOf(exchange),
        inFlight: lane.running,
      });
      if (!wasSent(exchange)) gate.unsent(openings);
      await settings.settle(task, exchange);
    } catch (thrown) {
      settings.onError(thrown);
    }
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
    abort(id, reason) {
      const attempt = running.get(id);
      if (attempt === undefined && claimsUnderWay > 0) abortedEarly.set(id, reason);
      attempt?.abort.abort(reason);
      return attempt !== undefined;
    },
    running: () => running.values(),
    hold(name) {
      const lane = lanes.get(name);
      return lane === undefined ? { kind: "no_route", until: null } : lane.gate.hold();
    },
    limit: (name) => lanes.get(name)?.gate.limit() ?? 1,
    slots(name) {
      const gate = lanes.get(name)?.gate;
      return gate === undefined ? 1 : Math.max(1, Math.min(gate.config.workers, gate.limit()));
    },
    async stop(drainMs) {
      // Lanes may be changed while others drain.
      isStarted = false;
      await Promise.all([...retired, ...[...lanes.values()].map(({ loop }) => loop.stop())]);
      const breakOff = clock.after(drainMs, () => {
        for (const { abort } of running.values()) abort.abort("interrupted" satisfies AbortReason);
      });
      await Promise.all(ends);
      breakOff();
    },
  };
}

/** Whether a target had to be asked for this task: not when it was put off, or answered by the cache or another's call. */
function wasSent(exchange: Exchange): boolean {
  return exchange.kind === "answered" ? exchange.isOwn !== false : exchange.kind !== "postponed";
}

function outcomeOf(exchange: Exchange): Sample["outcome"] {
  if (exchange.kind === "answered" && exchange.isOwn !== false) {
    const { status } = exchange.response;
    return status === 429 || status === 503 ? "overloaded" : "answered";
  }
  const isLate = exchange.kind === "unknown" && exchange.error.code === "http_response_timeout";
  return isLate ? "overloaded" : "unreached";
}
