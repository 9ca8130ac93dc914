import type { LaneConfig } from "../config/config.ts";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Accepted, Duplicate } from "../store/acceptance.ts";
import type { BatchStore, NewBatch } from "../store/batches.ts";
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
   * was given is refused at its place in line, which only the store knows: said now, its client can go elsewhere. What came
   * before is not stored again, and its body is gone, too.
   */
  keep(task: NewTask, lane: LaneConfig): Promise<Accepted | Duplicate>;
  /** The same for a batch, of which all are stored or none; `lanes` are those of its tasks. `queue_full` has the index of the first without room. */
  keepAll(batch: NewBatch, lanes: readonly LaneConfig[]): Promise<readonly Accepted[] | Duplicate>;
}

export interface KeeperSettings {
  readonly enqueue: Store["enqueue"];
  readonly enqueueBatch: BatchStore["enqueue"];
  readonly discard: BodyStore["discard"];
  readonly admission: Admission;
  readonly pace: Pick<Pace, "placesWithin" | "startsInSeconds" | "retryAfterSeconds">;
  /** Wakes whoever sends the tasks of a lane. */
  readonly onAccepted: (lane: string) => void;
  readonly emit: Emitter<TaskEvents>["emit"];
}

export function createKeeper(settings: KeeperSettings): Keeper {
  const { admission, enqueue, discard, emit, pace } = settings;

  function queueFull(lane: LaneConfig, index?: number): HeadgateError {
    const message = `The queue holds as many requests as it may (${lane.maxQueueSize}).`;
    return new HeadgateError("queue_full", message, {
      retryAfterSeconds: pace.retryAfterSeconds(lane.name),
      ...(index === undefined ? {} : { index, field: `requests[${index}]` }),
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
  async function store(task: NewTask, lane: LaneConfig): Promise<Accepted | Duplicate> {
    if (!admission.reserve(lane.name, lane.maxQueueSize)) throw queueFull(lane);
    let accepted: Accepted | null = null;
    try {
      const answer = await enqueue(task, lane.maxQueueSize, lastPlace(task));
      // Another node filled the lane meanwhile.
      if (answer === null) throw queueFull(lane);
      if ("duplicateOf" in answer) return answer;
      if ("wouldBeAt" in answer) throw startsTooLate(task, answer.wouldBeAt);
      accepted = answer;
      return accepted;
    } finally {
      if (accepted === null) admission.release(lane.name);
      else admission.fulfil(lane.name, accepted.pending);
    }
  }

  async function storeAll(
    batch: NewBatch,
    lanes: readonly LaneConfig[],
  ): Promise<readonly Accepted[] | Duplicate> {
    let accepted: readonly Accepted[] = [];
    const held: LaneConfig[] = [];
    refuseMoreThanFit(lanes);
    try {
      for (const [index, lane] of lanes.entries()) {
        if (!admission.reserve(lane.name, lane.maxQueueSize)) throw queueFull(lane, index);
        held.push(lane);
      }
      const capacities = new Map(lanes.map(({ name, maxQueueSize }) => [name, maxQueueSize]));
      const answer = await settings.enqueueBatch(batch, capacities);
      if ("duplicateOf" in answer) return answer;
      if ("noRoomFor" in answer) throw queueFull(lanes[answer.noRoomFor] as LaneConfig, answer.noRoomFor);
      return (accepted = answer);
    } finally {
      for (const [index, { name }] of held.entries()) {
        const stored = accepted[index];
        if (stored === undefined) admission.release(name);
        else admission.fulfil(name, stored.pending);
      }
    }
  }

  /** What is not stored by `store` leaves no bodies behind. */
  async function orDiscard<Answer extends object>(
    tasks: readonly NewTask[],
    store: () => Promise<Answer | Duplicate>,
  ): Promise<Answer | Duplicate> {
    const discardAll = async (): Promise<void> => {
      for (const { request } of tasks) await discard(request.body);
    };
    try {
      const answer = await store();
      if ("duplicateOf" in answer) await discardAll();
      return answer;
    } catch (error) {
      if (isCertain(error)) await discardAll();
      throw error;
    }
  }

  return {
    admit(lane) {
      if (admission.pending(lane.name) >= lane.maxQueueSize) throw queueFull(lane);
    },
    async keep(task, lane) {
      const answer = await orDiscard([task], () => store(task, lane));
      if ("duplicateOf" in answer) return answer;
      settings.onAccepted(lane.name);
      emit("task.accepted", factsOf(task));
      return answer;
    },
    async keepAll(batch, lanes) {
      const answer = await orDiscard(batch.tasks, () => storeAll(batch, lanes));
      if ("duplicateOf" in answer) return answer;
      for (const name of new Set(lanes.map((lane) => lane.name))) settings.onAccepted(name);
      for (const task of batch.tasks) emit("task.accepted", factsOf(task));
      return answer;
    },
  };
}

/** A full queue is worth another try; what is more than the queue holds when it is empty is not. */
function refuseMoreThanFit(lanes: readonly LaneConfig[]): void {
  const counts = new Map<string, number>();
  for (const [index, { name, maxQueueSize }] of lanes.entries()) {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count <= maxQueueSize) continue;
    const message = `The queue of the route ${name} holds ${maxQueueSize} requests at most, and this batch has more for it.`;
    throw new HeadgateError("invalid_request", message, { index, field: `requests[${index}]` });
  }
}

function factsOf(task: NewTask): TaskEvents["task.accepted"] {
  const { id, lane, client, request, priority, notBefore, retryOf } = task;
  const { method, path, body } = request;
  return { id, lane, client, method, path, sizeBytes: bodySize(body), priority, notBefore, retryOf };
}

/** After a failure of the disk the task may be stored all the same; a body that nobody owns is swept at the next start. */
function isCertain(error: unknown): boolean {
  return error instanceof HeadgateError && error.code !== "storage_failed";
}
