import type { LaneConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import type { Accepted } from "../store/acceptance.ts";
import type { BodyStore, Store } from "../store/store.ts";
import type { Caller } from "../task/caller.ts";
import type { Charge } from "../task/charge.ts";
import { isFinal, type NewTask, type RawHeaders, type StoredRequest, type Task } from "../task/task.ts";
import type { CallbacksFor } from "./callbacks.ts";
import type { Keeper } from "./keep.ts";

/** Makes a new task from the request of one that has ended; null when there is no such task. */
export type Resubmit = (id: string, caller: Caller) => Promise<Resubmitted | null>;

export interface Resubmitted {
  readonly id: string;
  readonly accepted: Accepted;
}

export interface ResubmitSettings {
  readonly find: Store["find"];
  readonly request: Store["request"];
  readonly copy: BodyStore["copy"];
  readonly keeper: Keeper;
  /** The lane that the request belongs to as the routes are now; null when there is none any more. */
  readonly laneFor: (task: Task, headers: RawHeaders) => LaneConfig | null;
  readonly accepting: () => HeadgateError | null;
  /** The share of a client by its name. */
  readonly weightOf: (client: string) => number;
  readonly callbacksFor: CallbacksFor;
  /** Takes from the quota of a caller; throws `quota_exceeded`. */
  readonly charge: (caller: Caller, tasks: number) => Charge;
  readonly newId: () => string;
  readonly clock: Clock;
}

/**
 * A retry by hand: the same request, in the same lane if that is still there, with what its client had asked for, as a task of its own that names
 * the old one. The old one and its answer stay as they are (promise 2). Rejects with `conflict` while the old one has not ended,
 * with `gone` when its request or its lane is no longer there, and with what keeps any task out (`queue_full`, …).
 */
export function createResubmit(settings: ResubmitSettings): Resubmit {
  const { keeper, clock } = settings;

  return async (id, caller) => {
    const reason = settings.accepting();
    if (reason !== null) throw reason;
    const task = (await settings.find(id))?.task;
    if (task === undefined) return null;
    if (!isFinal(task.state)) {
      throw new HeadgateError(
        "conflict",
        `The task is still ${task.state}; only one that has ended is retried.`,
        { taskStatus: task.state },
      );
    }
    const stored = await settings.request(id);
    if (stored === null) throw new HeadgateError("gone", "The request of this task is no longer stored.");
    const lane = settings.laneFor(task, stored.headers);
    if (lane === null) throw new HeadgateError("gone", `No route matches the request of this task any more.`);

    keeper.admit(lane);
    const charge = settings.charge(caller, 1);
    try {
      return await renew(task, stored, lane);
    } finally {
      charge.done();
    }
  };

  async function renew(task: Task, stored: StoredRequest, lane: LaneConfig): Promise<Resubmitted> {
    // The time it was given to start, counted anew.
    const startWithinMs = task.startBefore === null ? null : task.startBefore - task.createdAt;
    // Whom the client named stays; the endpoints are those of now. Before anything is copied: it may not be told any more.
    const named = task.callbacks.find(({ endpoint }) => endpoint === null)?.url ?? null;
    const callbacks = settings.callbacksFor(lane, named);
    // The body under another name.
    const request = { ...stored, body: await settings.copy(stored.body) };
    const now = clock.now();
    const renewed: NewTask = {
      id: settings.newId(),
      lane: lane.name,
      request,
      priority: task.priority,
      client: task.client,
      weight: settings.weightOf(task.client),
      labels: task.labels,
      createdAt: now,
      notBefore: null,
      startBefore: startWithinMs === null ? null : now + startWithinMs,
      timeoutMs: task.timeoutMs,
      maxAttempts: task.maxAttempts,
      idempotent: task.idempotent,
      retryOf: task.id,
      batch: null,
      callbacks,
      dedupe: null,
    };
    const accepted = await keeper.keep(renewed, lane);
    if ("duplicateOf" in accepted) throw new TypeError("What has no key cannot have come before.");
    return { id: renewed.id, accepted };
  }
}
