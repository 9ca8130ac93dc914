import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { AnswerPolicy } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import type { AbortReason, Exchange } from "../task/exchange.ts";
import type { ClaimedTask } from "../task/task.ts";
import type { LaneGate, Openings } from "./lane.ts";
import { outcomeOf, wasSent } from "./sample.ts";

/** The attempts that run on this node, each a straight pipe: send, learn from it, settle. */
export interface Attempts {
  /** Starts one with an opening of its lane; `onEnd` hears when it is settled and its slot free. */
  run(lane: Worked, task: ClaimedTask, openings: Openings, onEnd: () => void): void;
  /** Tasks may be claimed and cancelled in one transaction: cancels that are heard of before the claim wait for its end. */
  duringClaim<T>(claim: () => Promise<T>): Promise<T>;
  /** Breaks one off, or lets it finish if its task was cancelled and its lane says so; false when it does not run here. */
  abort(id: string, reason: AbortReason): boolean;
  running(): Iterable<RunningAttempt>;
  /** Lets them finish within `drainMs`, then breaks off the rest; resolves when all are settled. */
  drain(drainMs: number): Promise<void>;
}

export interface RunningAttempt {
  readonly task: ClaimedTask;
  readonly lane: Worked;
  readonly abort: AbortController;
  /** Its task was cancelled, also where it goes on. */
  isCancelled: boolean;
}

/** A lane, as far as its attempts are concerned. */
export interface Worked {
  readonly gate: LaneGate;
  /** Attempts that run, without those that a claim under way may bring. */
  running: number;
}

export interface AttemptSettings {
  readonly clock: Clock;
  /** Uses up one place of the pool; never rejects. */
  readonly send: (task: ClaimedTask, pool: string, signal: AbortSignal) => Promise<Exchange>;
  readonly settle: (
    task: ClaimedTask,
    exchange: Exchange,
    policy: AnswerPolicy,
    isCancelled: boolean,
  ) => Promise<void>;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly onError: (thrown: unknown) => void;
}

export function createAttempts({ clock, send, settle, emit, onError }: AttemptSettings): Attempts {
  const running = new Map<string, RunningAttempt>();
  const ends = new Set<Promise<void>>();
  const abortedEarly = new Map<string, AbortReason>();
  let claimsUnderWay = 0;

  async function attempt(run: RunningAttempt, openings: Openings): Promise<void> {
    const { task, lane, abort } = run;
    const { gate } = lane;
    // What is made of the answer is the route's word when the attempt began.
    const { policy } = gate.config;
    try {
      const startedAt = clock.monotonicMs();
      const exchange = await send(task, openings.pool, abort.signal);
      gate.record({
        durationMs: clock.monotonicMs() - startedAt,
        outcome: outcomeOf(exchange),
        inFlight: lane.running,
      });
      if (!wasSent(exchange)) gate.unsent(openings);
      await settle(task, exchange, policy, run.isCancelled);
    } catch (thrown) {
      onError(thrown);
    }
  }

  return {
    run(lane, task, openings, onEnd) {
      const abort = new AbortController();
      const id = task.lease.taskId;
      const reason = abortedEarly.get(id);
      if (reason !== undefined) abort.abort(reason);
      const run: RunningAttempt = { task, lane, abort, isCancelled: reason === "cancelled" };
      running.set(id, run);
      lane.running += 1;
      emit("attempt.started", {
        id,
        lane: task.lane,
        client: task.client,
        attempt: task.attempt,
        waitedMs: task.startedAt - task.createdAt,
      });
      const end = attempt(run, openings).finally(() => {
        running.delete(id);
        lane.running -= 1;
        ends.delete(end);
        lane.gate.leave();
        onEnd();
      });
      ends.add(end);
    },
    async duringClaim(claim) {
      claimsUnderWay += 1;
      try {
        return await claim();
      } finally {
        claimsUnderWay -= 1;
        if (claimsUnderWay === 0) abortedEarly.clear();
      }
    },
    abort(id, reason) {
      const attempt = running.get(id);
      if (attempt === undefined && claimsUnderWay > 0) abortedEarly.set(id, reason);
      if (attempt === undefined) return false;
      attempt.isCancelled ||= reason === "cancelled";
      // The service would work on for nobody, beside the next task: its answer tells when the slot is really free.
      const goesOn = reason === "cancelled" && attempt.lane.gate.config.onCancel === "finish";
      if (!goesOn) attempt.abort.abort(reason);
      return true;
    },
    running: () => running.values(),
    async drain(drainMs) {
      const breakOff = clock.after(drainMs, () => {
        for (const { abort } of running.values()) abort.abort("interrupted" satisfies AbortReason);
      });
      await Promise.all(ends);
      breakOff();
    },
  };
}
