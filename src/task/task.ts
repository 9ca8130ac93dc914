/**
 * The words of the domain. Everything here is plain data: what a client asked for, where it stands, what came back.
 */

/** Where a task stands. The last three are final and never change. */
export type State = "pending" | "processing" | FinalState;
export type FinalState = "completed" | "failed" | "cancelled";

export const State: { readonly [Name in State]: Name } = Object.freeze({
  pending: "pending",
  processing: "processing",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
});

export const STATES: readonly State[] = Object.freeze(Object.values(State));

export function isFinal(state: State): state is FinalState {
  return state === State.completed || state === State.failed || state === State.cancelled;
}

/** Why a task is where it is. */
export type Reason =
  // pending
  | "queued"
  | "delayed"
  | "retry_backoff"
  | "interrupted"
  // processing
  | "running"
  // final
  | "completed"
  | "target_error"
  | "connect_failed"
  | "unsendable"
  | "timeout"
  | "response_too_large"
  | "outcome_unknown"
  | "node_lost"
  | "expired_in_queue"
  | "cancelled";

/** Header fields as they stood on the wire: name, value, name, value; order, case and duplicates kept. */
export type RawHeaders = readonly string[];

/** A stored body. Small ones are carried along; large ones are read from the body store by name. */
export type Body =
  | { readonly kind: "empty" }
  | { readonly kind: "inline"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly name: string; readonly sizeBytes: number };

export const EMPTY_BODY: Body = Object.freeze({ kind: "empty" });

export function bodySize(body: Body): number {
  switch (body.kind) {
    case "empty":
      return 0;
    case "inline":
      return body.bytes.byteLength;
    case "file":
      return body.sizeBytes;
    default:
      return body satisfies never;
  }
}

/** The part of a request that is sent on. `path` is the raw origin-form target: path and query, never decoded. */
export interface StoredRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: Body;
}

/** A target's answer, kept byte for byte. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Body;
}

/** What went wrong, with a stable code: an RFC 9209 proxy error type where one fits. */
export interface TaskError {
  readonly code: string;
  readonly message: string;
}

/** Highest and lowest `Headgate-Priority`; a request that names none gets the default. */
export const PRIORITY: { readonly lowest: number; readonly default: number; readonly highest: number } =
  Object.freeze({ lowest: 0, default: 4, highest: 9 });

/** A request accepted by intake, on its way into the store. All times are ms since the epoch. */
export interface NewTask {
  readonly id: string;
  readonly lane: string;
  readonly request: StoredRequest;
  readonly priority: number;
  /** Who asked: decides fair shares. */
  readonly client: string;
  /** Its client's share; 1 is usual. */
  readonly weight: number;
  readonly labels: Labels;
  readonly createdAt: number;
  /** Not to be started before this instant. */
  readonly notBefore: number | null;
  /** To be given up when not started by this instant. */
  readonly startBefore: number | null;
  /** Limit for one attempt. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  /** Repeating it is harmless, so an attempt with unknown outcome may be repeated. */
  readonly idempotent: boolean;
  /** The task this one repeats by hand. */
  readonly retryOf: string | null;
  /** The batch it was submitted in. */
  readonly batch: string | null;
  /** Who is told when it has ended. */
  readonly callbacks: readonly Callback[];
  /** When the client gave an `Idempotency-Key`. */
  readonly dedupe: Dedupe | null;
}

/** By which a request that comes again is known. */
export interface Dedupe {
  /** Of client, route and the client's key: a hash, so that it has one length. */
  readonly key: string;
  /** Of method, path and body: another request under the same key is a mistake. */
  readonly fingerprint: string;
  readonly expiresAt: number;
}

/** Who is told when a task has ended. Fixed when the task is accepted, so that the store alone can write what is owed. */
export interface Callback {
  /** An endpoint of the configuration; null for a URL that the client gave. */
  readonly endpoint: string | null;
  /** Where to: for an endpoint of the configuration, as it was when the task was accepted. */
  readonly url: string;
  readonly on: readonly FinalState[];
}

/** What a target says of its work while it is at it. */
export interface Progress {
  /** 0 to 100; null when only a message was given. */
  readonly percent: number | null;
  readonly message: string | null;
  readonly at: number;
}

export type Labels = Readonly<Record<string, string>>;

/** One sending of a task to a target. `outcome` is null while it runs. */
export interface Attempt {
  readonly number: number;
  readonly target: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: AttemptOutcome | null;
  /** The target's status code, when it answered. */
  readonly status: number | null;
  readonly error: TaskError | null;
}

/** How an attempt ended, as far as repeating it is concerned (promise 3 in PRODUCT.md). */
export type AttemptOutcome = "answered" | "never_sent" | "unknown" | "interrupted" | "cancelled";

/** The right of one node to run one attempt. The epoch fences whoever held it before. */
export interface Lease {
  readonly taskId: string;
  readonly node: string;
  readonly epoch: number;
}

/** A task handed to a node to be sent: everything an attempt needs. */
export interface ClaimedTask {
  readonly lease: Lease;
  readonly lane: string;
  readonly client: string;
  readonly request: StoredRequest;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  readonly idempotent: boolean;
  readonly createdAt: number;
  readonly startedAt: number;
}

/** A task as it can be looked up. The request's and the answer's bodies are read separately. */
export interface Task {
  readonly id: string;
  readonly lane: string;
  readonly state: State;
  readonly reason: Reason;
  readonly method: string;
  readonly path: string;
  readonly priority: number;
  readonly client: string;
  readonly labels: Labels;
  readonly createdAt: number;
  readonly notBefore: number | null;
  readonly startBefore: number | null;
  /** Start of the latest attempt. */
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly idempotent: boolean;
  /** Finished attempts and, while processing, the running one last. */
  readonly attempts: readonly Attempt[];
  readonly error: TaskError | null;
  readonly requestSizeBytes: number;
  /** Status and size of the answer, when there is one. */
  readonly responseStatus: number | null;
  readonly responseSizeBytes: number | null;
  readonly retryOf: string | null;
  readonly batch: string | null;
  readonly callbacks: readonly Callback[];
  /** What the target last said, in the latest attempt. */
  readonly progress: Progress | null;
}
