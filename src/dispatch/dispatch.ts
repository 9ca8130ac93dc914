import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { Loop } from "../lib/loop.ts";
import { createLoop } from "../lib/loop.ts";
import type { Claim, Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import type { AbortReason } from "../task/exchange.ts";
import type { ClaimedTask } from "../task/task.ts";

/**
 * Takes tasks out of the line whenever there is room at the target and lets each run. One loop a lane: a round claims as
 * many tasks as there are free slots and says how long to sleep; an accepted task and a finished attempt wake it.
 *
 * A slot is taken before the store is asked and given back when the attempt is settled, so the target never sees more
 * than the lane's limit; the store counts the slots of all nodes.
 */
export interface Dispatcher {
  start(): void;
  /** Something may have become claimable in this lane. */
  wake(lane: string): void;
  /** Breaks off a running attempt; false when it does not run here. */
  abort(id: string, reason: AbortReason): boolean;
  running(): Iterable<RunningAttempt>;
  /** Claims no more, lets what runs finish within `drainMs`, then breaks off the rest; resolves when all are settled. */
  stop(drainMs: number): Promise<void>;
}

export interface RunningAttempt {
  readonly task: ClaimedTask;
  readonly abort: AbortController;
}

export interface DispatchSettings {
  readonly node: string;
  readonly lanes: readonly LaneConfig[];
  /** Attempts this node runs at once, over all lanes. */
  readonly workers: number;
  readonly clock: Clock;
  readonly claim: Store["claim"];
  /** Sends the task and settles it; never rejects. */
  readonly attempt: (task: ClaimedTask, signal: AbortSignal) => Promise<void>;
  readonly emit: Emitter<TaskEvents>["emit"];
  /** Hears how many tasks are left after each claim. */
  readonly onPending: (lane: string, pending: number) => void;
  readonly onError: (thrown: unknown) => void;
}

/** Other nodes free slots without telling this one. */
const LOOK_AGAIN_MS = 1_000;

interface Lane {
  readonly config: LaneConfig;
  readonly loop: Loop;
  /** Slots taken or about to be. */
  taken: number;
}

export function createDispatcher(settings: DispatchSettings): Dispatcher {
  const { clock, emit } = settings;
  const running = new Map<string, RunningAttempt>();
  const ends = new Set<Promise<void>>();
  const lanes = new Map<string, Lane>();
  const starved = new Set<Lane>();
  /** A task may be claimed and cancelled in one transaction, and the cancel be heard of before the claim. */
  const abortedEarly = new Map<string, AbortReason>();
  let claimsUnderWay = 0;
  let takenWorkers = 0;

  for (const config of settings.lanes) {
    const loop = createLoop(() => poll(config.name), clock, settings.onError);
    lanes.set(config.name, { config, loop, taken: 0 });
  }

  async function poll(name: string): Promise<number> {
    const lane = laneOf(name);
    const free = freeSlots(lane);
    if (free === 0) return Infinity;
    take(lane, free);
    claimsUnderWay++;
    let claim: Claim | null = null;
    try {
      claim = await settings.claim({
        lane: name,
        node: settings.node,
        limit: free,
        cap: lane.config.maxConcurrent,
        now: clock.now(),
      });
    } finally {
      claimsUnderWay--;
      give(lane, free - (claim?.tasks.length ?? 0));
    }
    for (const task of claim.tasks) run(lane, task);
    if (claimsUnderWay === 0) abortedEarly.clear();
    settings.onPending(name, claim.pending);
    if (claim.tasks.length < free) return untilNextTask(claim);
    return freeSlots(lane) > 0 ? 0 : Infinity;
  }

  /** Room for more attempts of a lane; one that finds all workers taken is woken when one is given back. */
  function freeSlots(lane: Lane): number {
    if (takenWorkers === settings.workers) starved.add(lane);
    return Math.min(settings.workers - takenWorkers, lane.config.maxConcurrent - lane.taken);
  }

  function untilNextTask({ nextDueAt, pending }: Claim): number {
    const untilDueMs = nextDueAt === null ? Infinity : Math.max(0, nextDueAt - clock.now());
    return pending > 0 ? Math.min(untilDueMs, LOOK_AGAIN_MS) : untilDueMs;
  }

  function run(lane: Lane, task: ClaimedTask): void {
    const abort = new AbortController();
    const id = task.lease.taskId;
    const reason = abortedEarly.get(id);
    if (reason !== undefined) abort.abort(reason);
    running.set(id, { task, abort });
    emit("attempt.started", {
      id,
      lane: task.lane,
      attempt: task.attempt,
      waitedMs: task.startedAt - task.createdAt,
    });
    const end = settings.attempt(task, abort.signal).finally(() => {
      running.delete(id);
      ends.delete(end);
      give(lane, 1);
      lane.loop.wake();
    });
    ends.add(end);
  }

  function take(lane: Lane, slots: number): void {
    lane.taken += slots;
    takenWorkers += slots;
  }

  function give(lane: Lane, slots: number): void {
    take(lane, -slots);
    if (slots === 0) return;
    for (const waiting of starved) waiting.loop.wake();
    starved.clear();
  }

  function laneOf(name: string): Lane {
    const lane = lanes.get(name);
    if (lane === undefined) throw new Error(`There is no lane ${name}.`);
    return lane;
  }

  return {
    start() {
      for (const { loop } of lanes.values()) loop.start();
    },
    wake(name) {
      lanes.get(name)?.loop.wake();
    },
    abort(id, reason) {
      const attempt = running.get(id);
      if (attempt === undefined && claimsUnderWay > 0) abortedEarly.set(id, reason);
      attempt?.abort.abort(reason);
      return attempt !== undefined;
    },
    running: () => running.values(),
    async stop(drainMs) {
      await Promise.all([...lanes.values()].map(({ loop }) => loop.stop()));
      const breakOff = clock.after(drainMs, () => {
        for (const { abort } of running.values()) abort.abort("interrupted" satisfies AbortReason);
      });
      await Promise.all(ends);
      breakOff();
    },
  };
}
