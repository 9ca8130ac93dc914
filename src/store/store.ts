import type { Readable } from "node:stream";
import type { LaneSettings } from "../task/lane.ts";
import type { Settlement } from "../task/settlement.ts";
import type {
  Body,
  ClaimedTask,
  NewTask,
  Progress,
  State,
  StoredRequest,
  StoredResponse,
  Task,
} from "../task/task.ts";
import type { Accepted, Duplicate, TooFarBack } from "./acceptance.ts";
import type { BatchStore } from "./batches.ts";
import type { KeyStore } from "./keys.ts";
import type { OutboxStore } from "./outbox.ts";

/**
 * Where tasks live. Every station is given the verbs it needs and nothing above this file knows which database it is.
 * A verb resolves only when what it says is durable; it rejects with a `HeadgateError` (`storage_full` when there is no
 * room and nothing was written; anything else from the disk ends the process by `onFatal`).
 * Nothing here assumes one node: leases, epochs, caps and counts belong to the store.
 */
export interface Store {
  /**
   * Accepts a task as pending, unless its lane already holds `capacity` pending ones (then null) or its place in line would
   * be beyond `lastPlace`; one that is not due yet has none. What is not accepted is not stored. A task whose `dedupe` key is known
   * already is none of these: it was accepted before.
   */
  enqueue(
    task: NewTask,
    capacity: number,
    lastPlace?: number,
  ): Promise<Accepted | TooFarBack | Duplicate | null>;
  /**
   * Leases the next due tasks of a lane to a node, never more than `cap` at once over all nodes: those of the highest
   * priority first, among these by fair shares of their clients (`task/fair-queue.ts`), a client's own oldest first.
   */
  claim(request: ClaimRequest): Promise<Claim>;
  /** Writes the outcome of an attempt if its lease is still held, frees the slot it held, and answers whether the outcome stands. */
  settle(settlement: Settlement): Promise<boolean>;
  /** Cancels a pending or processing task. A running attempt keeps its slot until it is settled. Null when there is no such task. */
  cancel(id: string, at: number): Promise<Cancellation | null>;
  /** Changes lane, priority or due time of a pending task; false when it is not pending any more, null when there is no such task. */
  amend(id: string, changes: Amendment): Promise<boolean | null>;
  /** Deletes one task with its bodies if it is final and holds no slot. Null when there is no such task. */
  remove(id: string): Promise<Removal | null>;
  /** Deletes up to `limit` final tasks that ended before an instant, of one lane or of all, oldest first within each; answers how many. */
  prune(endedBefore: number, limit: number, lane?: string): Promise<number>;
  /** Fails up to `limit` tasks that were never started and whose `startBefore` has passed; answers them. */
  giveUp(now: number, limit: number): Promise<readonly Expired[]>;
  /** Says that a node lives until `leaseUntil`; answers which of the leases it holds are no longer its to finish. */
  renew(node: string, leaseUntil: number): Promise<readonly string[]>;
  /** Takes over the leases of nodes whose time is over, and of `node` itself from an earlier life when `ownToo`. */
  takeOver(node: string, now: number, ownToo: boolean): Promise<readonly ClaimedTask[]>;
  /** One task, with its place in line while it waits. */
  find(id: string): Promise<Found | null>;
  /** Newest first. */
  list(filter: ListFilter): Promise<Page>;
  /** The stored request or answer of a task; null when there is none. */
  request(id: string): Promise<StoredRequest | null>;
  response(id: string): Promise<StoredResponse | null>;
  /** How many tasks each lane holds by state and has seen in all. Kept, not counted. */
  tally(): Promise<readonly LaneTally[]>;
}

/** A store with its life and its bodies, as `store/open.ts` hands it out. */
export interface OpenStore extends Store {
  readonly bodies: BodyStore;
  readonly lanes: LaneStore;
  readonly batches: BatchStore;
  readonly idempotency: IdempotencyStore;
  readonly progress: ProgressStore;
  readonly keys: KeyStore;
  readonly outbox: OutboxStore;
  /** Who is next in each line: one for each lane and priority that has somebody waiting. */
  fronts(): Promise<readonly LineFront[]>;
  /** Space that deleted tasks left behind and new ones fill before anything grows. */
  reusableBytes(): Promise<number>;
  /** Finishes what was begun and closes; nothing else may be called afterwards. */
  close(): Promise<void>;
}

export interface ClaimRequest {
  readonly lane: string;
  readonly node: string;
  readonly limit: number;
  readonly cap: number;
  readonly now: number;
}

export interface Claim {
  readonly tasks: readonly ClaimedTask[];
  /** When the next delayed task of the lane falls due; null when none is left. In the past when more are due than one claim looks at. */
  readonly nextDueAt: number | null;
  /** Pending tasks left in the lane. */
  readonly pending: number;
}

export interface Removal {
  readonly removed: boolean;
  /** The state it was in. */
  readonly state: State;
  readonly lane: string;
  readonly client: string;
}

export interface Cancellation {
  /** Whether this call cancelled it; false when it had ended before. */
  readonly changed: boolean;
  /** The state it was in. */
  readonly from: State;
  readonly lane: string;
  readonly client: string;
}

/** With another lane or priority, a task stands as if accepted now; among equal ranks, by its age. Capacities are not asked. */
export interface Amendment {
  readonly lane?: string;
  readonly priority?: number;
  readonly notBefore?: number | null;
}

export interface Expired {
  readonly id: string;
  readonly lane: string;
  readonly client: string;
}

export interface Found {
  readonly task: Task;
  /** Place in line, 1 being next; null when it is not waiting in line. */
  readonly position: number | null;
}

export interface ListFilter {
  readonly limit: number;
  /** `next` of the page before: the id after which to go on, also when that task has been deleted since. */
  readonly after?: string;
  readonly state?: State;
  readonly lane?: string;
  readonly method?: string;
  readonly pathPrefix?: string;
  readonly client?: string;
  readonly batch?: string;
  readonly label?: { readonly key: string; readonly value: string };
  /** Part of the id, of the path, or of a label as `key=value`. */
  readonly text?: string;
  /** Accepted at or after, and before, these instants. */
  readonly since?: number;
  readonly until?: number;
}

export interface Page {
  readonly tasks: readonly Task[];
  /** Where the next page begins; null on the last. A page may be short: one look-up reads a bounded number of rows. */
  readonly next: string | null;
}

export interface LaneTally {
  readonly lane: string;
  /** Stored now, by state. */
  readonly stored: Readonly<Record<State, number>>;
  /** Since the store began: accepted counts tasks, the rest their endings. A task that was moved has either in another lane. */
  readonly total: Readonly<Record<"accepted" | "completed" | "failed" | "cancelled", number>>;
  /** Slots taken at the target, those of cancelled tasks that are not closed yet included. */
  readonly inFlight: number;
}

export interface LineFront {
  readonly lane: string;
  readonly priority: number;
  readonly id: string;
  /** Since when it could have been started: its acceptance, or when it last fell due. */
  readonly dueSince: number;
}

/** What targets say of their work. */
export interface ProgressStore {
  /** False when the task does not run that attempt, null when there is no such task. */
  write(id: string, attempt: number, progress: Progress): Promise<boolean | null>;
}

/** What was submitted under an `Idempotency-Key`, by `Dedupe.key`. */
export interface IdempotencyStore {
  /** The task or batch, as long as the key is remembered. */
  find(key: string, now: number): Promise<{ readonly subject: string; readonly fingerprint: string } | null>;
  /** Forgets up to `limit` keys whose time is over; answers how many. */
  forget(now: number, limit: number): Promise<number>;
}

/** What was changed about lanes while running, for the next start. */
export interface LaneStore {
  read(): Promise<ReadonlyMap<string, LaneSettings>>;
  /** Durable once it resolves. `UNCHANGED` is forgotten. */
  write(lane: string, settings: LaneSettings): Promise<void>;
}

/** Bodies too large to travel with their task: written once, whole or not at all, read in pieces. */
export interface BodyStore {
  /** Takes a body of up to `maxBytes` in pieces, keeping it in memory while it is small. */
  receive(maxBytes: number): BodySink;
  /** The bytes of a stored body from `start` to `end`, both included. */
  read(body: Body, range?: ByteRange): Readable;
  /** Another name for the same bytes, for a task that repeats another. Throws `gone` when they were deleted meanwhile. */
  copy(body: Body): Promise<Body>;
  /** Removes a received body that no task will own. */
  discard(body: Body): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface BodySink {
  /** Resolves to undefined at once while there is room; otherwise to a promise to wait for. Throws `body_too_large`. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** The body, durable on disk when it is large. */
  finish(): Promise<Body>;
  /** Forgets what was received; leaves no file. */
  abort(): Promise<void>;
}

/** Bodies up to this size travel with their task; larger ones become files. */
export const INLINE_BODY_BYTES: number = 64 * 1024;
