import type { Connection } from "./connection.ts";
import { HeadgateError, toHeadgateError } from "./errors.ts";
import { follow, type FollowOptions } from "./follow.ts";
import type { ProgressView, Receipt, StoredRequest, TaskStatus, TaskView } from "./views.ts";
import { waitForTask, type WaitOptions } from "./wait.ts";

/** What happens to a task, in order; `id` is for going on later. */
export type TaskEvent = { readonly id: string } & (
  | {
      readonly type: "state";
      readonly data: { readonly task_id: string; readonly status: TaskStatus; readonly reason: string };
    }
  | {
      readonly type: "position";
      readonly data: { readonly position: number | null; readonly eta_seconds: number | null };
    }
  | { readonly type: "progress"; readonly data: ProgressView }
  | { readonly type: "final"; readonly data: TaskView }
);

/** The task has ended without success. */
export class TaskFailedError extends Error {
  readonly task: TaskView;

  constructor(task: TaskView) {
    super(task.error?.message ?? `Task ${task.task_id} was ${task.status}.`);
    this.name = "TaskFailedError";
    this.task = task;
  }
}

/** One task, wherever it stands. */
export class Task {
  readonly id: string;
  /** Null for a task that was submitted elsewhere. */
  readonly receipt: Receipt | null;
  readonly #connection: Connection;
  readonly #path: string;

  constructor(connection: Connection, id: string, receipt: Receipt | null = null) {
    this.#connection = connection;
    this.#path = `/task/${encodeURIComponent(id)}`;
    this.id = id;
    this.receipt = receipt;
  }

  /** Where it stands now. */
  status(): Promise<TaskView> {
    return this.#connection.json(this.#path);
  }

  /** Resolves when it has ended, however it did. */
  wait(options?: WaitOptions): Promise<TaskView> {
    return waitForTask(this.#connection, this.#path, this.id, options);
  }

  /** As `wait`, but throws a `TaskFailedError` unless it was completed. */
  async done(options?: WaitOptions): Promise<TaskView> {
    const task = await this.wait(options);
    if (task.status !== "completed") throw new TaskFailedError(task);
    return task;
  }

  /**
   * The service's own answer: status, header fields, bytes; a redirect, too, is one, but browsers do not show it. Throws
   * `HeadgateError` when there is none (yet).
   */
  async result(options: { readonly range?: string; readonly signal?: AbortSignal } = {}): Promise<Response> {
    const { range, signal } = options;
    const response = await this.#connection.control(`${this.#path}/result`, {
      headers: range === undefined ? {} : { Range: range },
      signal,
    });
    // Answers of the service come in a sandbox, and may be problems that look like Headgate's own.
    const isReplayed = response.headers.get("Content-Security-Policy") === "sandbox";
    if (
      !isReplayed &&
      response.headers.get("Content-Type")?.startsWith("application/problem+json") === true
    ) {
      const error = await toHeadgateError(response.clone());
      if (error.code !== "unknown") throw error;
    }
    // The service may answer 202, too, but not with this place to go to.
    if (response.status === 202 && response.headers.get("Location")?.endsWith(this.#path) === true) {
      throw new HeadgateError({ status: 202, code: "not_ready", detail: "The task has not ended yet." });
    }
    return response;
  }

  /** What was submitted: method, path, header fields and, while it is small, the body. */
  request(): Promise<StoredRequest> {
    return this.#connection.json(`${this.#path}/request`);
  }

  /** The body that was submitted, byte for byte. */
  async requestBody(): Promise<Response> {
    const response = await this.#connection.control(`${this.#path}/request/body`);
    if (!response.ok) throw await toHeadgateError(response);
    return response;
  }

  /** What happens to it from now on (or from `lastEventId` on), over reconnects, until it has ended. */
  async *events(options?: FollowOptions): AsyncGenerator<TaskEvent, void> {
    for await (const { id, type, data } of follow(this.#connection, `${this.#path}/events`, options)) {
      yield { id, type, data: JSON.parse(data) as unknown } as TaskEvent;
      if (type === "final") return;
    }
  }

  /** Cancels it, also while it runs. Throws `conflict` when it has ended already. */
  async cancel(): Promise<void> {
    await this.#connection.json(`${this.#path}/cancel`, { method: "POST" });
  }

  /** The same request again, as a new task. */
  async retry(): Promise<Task> {
    const { task_id } = await this.#connection.json<{ readonly task_id: string }>(`${this.#path}/retry`, {
      method: "POST",
    });
    return new Task(this.#connection, task_id);
  }

  /** Changes priority or due time while it waits. */
  async amend(changes: { readonly priority?: number; readonly not_before?: string | null }): Promise<void> {
    await this.#connection.json(this.#path, { method: "PATCH", json: changes });
  }

  /** Forgets one that has ended. */
  async delete(): Promise<void> {
    await this.#connection.json(this.#path, { method: "DELETE" });
  }
}
