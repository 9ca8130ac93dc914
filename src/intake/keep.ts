import type { LaneConfig } from "../config/config.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Accepted } from "../store/acceptance.ts";
import type { BodyStore, Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { type Pace, toRetryAfter } from "../task/pace.ts";
import { bodySize, type NewTask } from "../task/task.ts";
import type { Admission } from "./admission.ts";

/** The bounded door to the store. */
export interface Keeper {
  /** Throws `queue_full` when a lane has no room now; what is admitted may still find it full when it is whole. */
  admit(lane: LaneConfig): void;
  /**
   * Stores a task and tells of it; resolves when it is durable. When it rejects because the task was not stored
   * (`queue_full`, `start_within_unmet`, `storage_full`), its body is gone. One that would not begin within the time it
   * was given is refused at its place in line, which only the store knows: said now, its client can go elsewhere.
   */
  keep(task: NewTask, lane: LaneConfig): Promise<Accepted>;
}

export interface KeeperSettings {
  readonly enqueue: Store["enqueue"];
  readonly discard: BodyStore["discard"];
  readonly admission: Admission;
  readonly pace: Pick<Pace, "placesWithin" | "startsInSeconds" | "retryAfterSeconds">;
  /** Wakes whoever sends the tasks of a lane. */
  readonly onAccepted: (lane: string) => void;
  readonly emit: Emitter<TaskEvents>["emit"];
}

export function createKeeper(settings: KeeperSettings): Keeper {
  const { admission, enqueue, discard, emit, pace } = settings;

  function queueFull(lane: LaneConfig): HeadgateError {
    const message = `The queue holds as many requests as it may (${lane.maxQueueSize}).`;
    return new HeadgateError("queue_full", message, {
      retryAfterSeconds: pace.retryAfterSeconds(lane.name),
    });
  }

  function startsTooLate({ lane, startBefore, createdAt }: NewTask, place: number): HeadgateError {
    const within = ((startBefore ?? createdAt) - createdAt) / 1_000;
    const startsIn = pace.startsInSeconds(lane, place) ?? within;
    const message = `It would begin in about ${startsIn} s, and was to begin within ${within} s.`;
    return new HeadgateError("start_within_unmet", message, {
      retryAfterSeconds: toRetryAfter(startsIn - within),
    });
  }

  function lastPlace({ lane, startBefore, createdAt, notBefore }: NewTask): number {
    // Nobody can tell the line of a later time.
    if (startBefore === null || notBefore !== null) return Infinity;
    return pace.placesWithin(lane, startBefore - createdAt);
  }

  /** The place is held until the store has answered, so that no more are asked to wait for it than there are places. */
  async function store(task: NewTask, lane: LaneConfig): Promise<Accepted> {
    if (!admission.reserve(lane.name, lane.maxQueueSize)) throw queueFull(lane);
    let accepted: Accepted | null = null;
    try {
      const answer = await enqueue(task, lane.maxQueueSize, lastPlace(task));
      // Another node filled the lane meanwhile.
      if (answer === null) throw queueFull(lane);
      if ("duplicateOf" in answer) throw new HeadgateError("conflict", "This request came before.");
      if ("wouldBeAt" in answer) throw startsTooLate(task, answer.wouldBeAt);
      accepted = answer;
      return accepted;
    } finally {
      if (accepted === null) admission.release(lane.name);
      else admission.fulfil(lane.name, accepted.pending);
    }
  }

  return {
    admit(lane) {
      if (admission.pending(lane.name) >= lane.maxQueueSize) throw queueFull(lane);
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
        client: task.client,
        method: task.request.method,
        path: task.request.path,
        sizeBytes: bodySize(task.request.body),
        priority: task.priority,
        notBefore: task.notBefore,
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
