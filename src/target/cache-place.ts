import type { Exchange } from "../task/exchange.ts";
import type { ClaimedTask } from "../task/task.ts";
import { postponed } from "./ending.ts";

/**
 * The place in its pool that a task comes with. It is used up by the one call to a target, or given back: as soon as
 * another's call or the cache is to answer the task, so that who waits keeps nobody from the target.
 */
export interface Place {
  /** Does nothing when there is none to give back. */
  giveBack(): void;
  /** Calls a target; without a place it takes one anew, and postpones the task where there is none. */
  forward(task: ClaimedTask, signal: AbortSignal): Promise<Exchange>;
}

export interface PlaceSettings {
  /** Sends to a target of the pool, using up a place there. Called at most once for each task. */
  readonly forward: (task: ClaimedTask, pool: string, signal: AbortSignal) => Promise<Exchange>;
  /** Gives back the place of a task that goes to no target. */
  readonly giveBack: (pool: string) => void;
  /** Takes a place for a task of the lane; false when there is none. */
  readonly reserve: (pool: string, lane: string) => boolean;
}

export function placeIn(pool: string, settings: PlaceSettings): Place {
  let isHeld = true;
  return {
    giveBack() {
      if (!isHeld) return;
      isHeld = false;
      settings.giveBack(pool);
    },
    async forward(task, signal) {
      if (!isHeld && !settings.reserve(pool, task.lane)) return postponed("queued", null);
      isHeld = false;
      return settings.forward(task, pool, signal);
    },
  };
}
