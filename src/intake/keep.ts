import type { LaneConfig } from "../config/config.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Accepted, BodyStore, Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { toRetryAfter } from "../task/pace.ts";
import { bodySize, type NewTask } from "../task/task.ts";
import type { Admission } from "./admission.ts";

/** The bounded door to the store. */
export interface Keeper {
  /**
   * Throws `queue_full` when a lane has no room now, and `start_within_unmet` when a task at the end of its line would not
   * begin within so long: said now, its client can go elsewhere. What is admitted may still meet either fate.
   */
  admit(lane: LaneConfig, startWithinMs: number | null): void;
  /**
   * Stores a task and tells of it; resolves when it is durable. When it rejects because the task was not stored
   * (`queue_full`, `storage_full`), its body is gone.
   */
  keep(task: NewTask, lane: LaneConfig): Promise<Accepted>;
}

export interface KeeperSettings {
  readonly enqueue: Store["enqueue"];
  readonly discard: BodyStore["discard"];
  readonly admission: Admission;
  /** Seconds after which a full lane will have room, by its measured pace. */
  readonly retryAfterSeconds: (lane: string) => number;
  /** Seconds until the task at this place in line begins; null when nothing is known of it. */
  readonly startsInSeconds: (lane: string, position: number) => number | null;
  /** Wakes whoever sends the tasks of a lane. */
  readonly onAccepted: (lane: string) => void;
  readonly emit: Emitter<TaskEvents>["emit"];
}

export function createKeeper(settings: KeeperSettings): Keeper {
  const { admission, enqueue, discard, emit } = settings;

  function queueFull(lane: LaneConfig): HeadgateError {
    const message = `The queue holds as many requests as it may (${lane.maxQueueSize}).`;
    return new HeadgateError("queue_full", message, {
      retryAfterSeconds: settings.retryAfterSeconds(lane.name),
    });
  }

  function refuseLateStart(lane: LaneConfig, startWithinMs: number): void {
    const startsIn = settings.startsInSeconds(lane.name, admission.pending(lane.name) + 1);
    const lateBy = (startsIn ?? 0) - startWithinMs / 1_000;
    if (lateBy <= 0) return;
    const message = `It would begin in about ${startsIn} s, and was to begin within ${startWithinMs / 1_000} s.`;
    throw new HeadgateError("start_within_unmet", message, { retryAfterSeconds: toRetryAfter(lateBy) });
  }

  /** The place is held until the store has answered, so that no more are asked to wait for it than there are places. */
  async function store(task: NewTask, lane: LaneConfig): Promise<Accepted> {
    if (!admission.reserve(lane.name, lane.maxQueueSize)) throw queueFull(lane);
    let accepted: Accepted | null = null;
    try {
      accepted = await enqueue(task, lane.maxQueueSize);
    } finally {
      if (accepted === null) admission.release(lane.name);
      else admission.fulfil(lane.name, accepted.pending);
    }
    // Another node filled the lane meanwhile.
    if (accepted === null) throw queueFull(lane);
    return accepted;
  }

  return {
    admit(lane, startWithinMs) {
      if (admission.pending(lane.name) >= lane.maxQueueSize) throw queueFull(lane);
      if (startWithinMs !== null) refuseLateStart(lane, startWithinMs);
    },
    async keep(task, lane) {
      let accepted: Accepted;
      try {
        accepted = await store(task, lane);
      } catch (error) {
        if (isCertain(error)) await discard(task.request.body);
        throw error;
      }
      settings.onAccepted(lane.name);
      emit("task.accepted", {
        id: task.id,
        lane: task.lane,
        method: task.request.method,
        path: task.request.path,
        sizeBytes: bodySize(task.request.body),
        priority: task.priority,
        retryOf: task.retryOf,
      });
      return accepted;
    },
  };
}

/** After a failure of the disk the task may be stored all the same; a body that nobody owns is swept at the next start. */
function isCertain(error: unknown): boolean {
  return error instanceof HeadgateError && error.code !== "storage_failed";
}
