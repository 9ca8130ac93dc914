// What the crash check is judged by: logs, taken by those who stand outside of Headgate. Nothing in here comes from its
// insides, and the checker sees nothing else. Times are `performance.now()` of the one process that takes all the logs.

import type { AttemptOutcome, State } from "../../src/task/task.ts";

export interface Evidence {
  readonly sent: readonly Sent[];
  readonly arrivals: readonly Arrival[];
  readonly sightings: readonly Sighting[];
  readonly cancels: readonly CancelReply[];
  /** Everything Headgate has when all is quiet. */
  readonly export: readonly Exported[];
  /** Its own count of it, by state. */
  readonly stats: Readonly<Record<State, number>>;
  /** Slots at the target that it counts as taken when all is quiet. */
  readonly inFlight: number;
  /** What is left in the folder of large bodies after a clean stop. */
  readonly files: readonly Digest[];
  readonly limits: Limits;
  /** By how much the process that took the logs was late at worst: the machine was busy with others. */
  readonly logLateMs: number;
}

export interface Limits {
  /** Requests that the target may see at once. */
  readonly cap: number;
  readonly maxAttempts: number;
  /** Larger bodies are files. */
  readonly inlineBytes: number;
}

export interface Digest {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** One request of a client. Its token is in the path, in a header and in the body, and is used once. */
export interface Sent {
  readonly token: string;
  readonly method: string;
  readonly priority: number;
  readonly body: Digest;
  readonly at: number;
  readonly fate: Fate;
}

export type Fate =
  /** 202 */
  | { readonly kind: "accepted"; readonly taskId: string; readonly at: number }
  /** Any other answer: nothing was taken in. */
  | { readonly kind: "refused"; readonly status: number }
  /** No answer: it may have been taken in or not. */
  | { readonly kind: "unanswered" };

/** One request as the target saw it. */
export interface Arrival {
  /** As it stands in the path. */
  readonly token: string;
  /** As it stands in the header. */
  readonly headerToken: string;
  readonly method: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly at: number;
  /** When the last byte of the answer was handed over or the connection was over. */
  readonly endedAt: number;
  /** Null when the connection was over before all of it had come. */
  readonly body: Digest | null;
  /** Null when none was given, or not all of it. */
  readonly answer: Answer | null;
}

export interface Answer {
  readonly status: number;
  readonly body: Digest;
}

/** A look at a task. */
export interface Sighting {
  readonly taskId: string;
  readonly askedAt: number;
  readonly at: number;
  /** Null when there was no such task. */
  readonly state: State | null;
  /** Attempts listed, a running one included. */
  readonly attempts: number;
}

export interface CancelReply {
  readonly taskId: string;
  readonly at: number;
  /** What the reply says: cancelled by this call, or the state in which it had ended before. */
  readonly state: State;
  readonly changed: boolean;
}

export interface Exported {
  readonly taskId: string;
  /** As it stands in the path. */
  readonly token: string;
  readonly method: string;
  readonly state: State;
  readonly reason: string;
  readonly attempts: readonly ExportedAttempt[];
  /** Null when no answer is kept. */
  readonly answer: Answer | null;
}

export interface ExportedAttempt {
  readonly number: number;
  /** ms since the epoch, by Headgate's clock. */
  readonly startedAt: number;
  readonly outcome: AttemptOutcome | null;
}
