import type { components } from "./schema.ts";

type Schemas = components["schemas"];

/** A task as `GET /task/{id}` gives it. */
export type TaskView = Schemas["Task"];
export type TaskStatus = TaskView["status"];
export type Stats = Schemas["Stats"];
export type Lane = Schemas["Lane"];
export type Target = Stats["targets"][number];

export type Key = Schemas["Key"];

export interface NewKey {
  readonly name: string;
  readonly role: Key["role"];
  /** Whose tasks it submits; its name if not said. */
  readonly client?: string;
  /** Requests in a time, such as `100/m`. */
  readonly rate?: string;
  /** Tasks that have not ended. */
  readonly max_open?: number;
}

export type BatchView = Schemas["Batch"];

/** A request as it was submitted; secrets are not shown. */
export interface StoredRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly size_bytes: number;
  /** A JSON value, text, or Base64; null when it is too large to come along. */
  readonly body: unknown;
  readonly body_encoding?: "base64";
}

/** What a client is told of its accepted task. */
export interface Receipt {
  readonly task_id: string;
  readonly status: TaskStatus;
  readonly position: number | null;
  readonly eta_seconds: number | null;
  /** The task had been submitted before, under the same Idempotency-Key. */
  readonly isReplay: boolean;
}

export interface TaskList {
  readonly tasks: readonly TaskView[];
  readonly next_cursor: string | null;
}

/** Which tasks: all that is given must hold. */
export interface TaskFilter {
  readonly status?: TaskStatus;
  readonly route?: string;
  readonly method?: string;
  /** What the path begins with. */
  readonly path?: string;
  /** Accepted at or after. */
  readonly since?: Date | string;
  /** Accepted before. */
  readonly until?: Date | string;
  /** `key=value` */
  readonly label?: string;
  readonly client?: string;
  readonly batch?: string;
  /** Part of the id, of the path, or of a label as `key=value`. */
  readonly q?: string;
}

/** What a target says of its work. */
export interface ProgressView {
  readonly percent: number | null;
  readonly message: string | null;
}

export function isFinal(status: TaskStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
