import type { LaneConfig } from "../config/config.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Accepted, BodyStore, Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { bodySize, type NewTask } from "../task/task.ts";
import type { Admission } from "./admission.ts";

/** The bounded door to the store: a place first, then, once there is a whole task, the task in it. */
export interface Keeper {
  /** Holds a place in a lane. Throws `queue_full`. */
  reserve(lane: LaneConfig): void;
  /** Gives the place back. */
  release(lane: LaneConfig): void;
  /**
   * Stores a task in the place held for it and tells of it; resolves when it is durable. When it rejects (`queue_full`
   * by the store's own count, `storage_full`, …) the place is free again and the task's body is gone.
   */
  keep(task: NewTask, lane: LaneConfig): Promise<Accepted>;
}

export interface KeeperSettings {
  readonly enqueue: Store["enqueue"];
  readonly discard: BodyStore["discard"];
  readonly admission: Admission;
  /** Seconds after which a full lane will have room, by its measured pace. */
  readonly retryAfterSeconds: (lane: string) => number;
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

  return {
    reserve(lane) {
      if (!admission.reserve(lane.name, lane.maxQueueSize)) throw queueFull(lane);
    },
    release: (lane) => admission.release(lane.name),
    async keep(task, lane) {
      let accepted: Accepted | null = null;
      try {
        accepted = await enqueue(task, lane.maxQueueSize);
        // Another node filled the lane meanwhile.
        if (accepted === null) throw queueFull(lane);
      } finally {
        if (accepted === null) {
          admission.release(lane.name);
          await discard(task.request.body);
        } else {
          admission.fulfil(lane.name, accepted.pending);
        }
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
