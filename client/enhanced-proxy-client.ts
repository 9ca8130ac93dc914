import { Headgate } from "./client.ts";
import type { ConnectionOptions } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { readResult } from "./read-result.ts";
import type { SubmitOptions } from "./submit.ts";
import type { Task } from "./task.ts";
import type { Stats, TaskFilter, TaskList, TaskStatus, TaskView } from "./views.ts";

/**
 * The client of the founding document in TypeScript: the same names, parameters and answers as the Python class. `Headgate`
 * is the same in this language's manner.
 */
export class EnhancedProxyClient {
  readonly #headgate: Headgate;

  constructor(base_url = "http://localhost:8080", options: ConnectionOptions = {}) {
    this.#headgate = new Headgate(base_url, options);
  }

  /** Queues `POST /{endpoint}` with data as JSON; resolves to the task's id. */
  async submit_task(endpoint: string, data?: unknown, options: SubmitOptions = {}): Promise<string> {
    const whole = data === undefined ? options : { ...options, json: data };
    return (await this.#headgate.submit(endpoint, whole)).id;
  }

  /**
   * The task once it has ended: `success`, `result`, `error` and the rest. `poll_interval` and `timeout` are seconds. Throws
   * a `WaitTimeoutError` when the time is over.
   */
  async wait_for_task(
    task_id: string,
    { poll_interval = 5, timeout }: { readonly poll_interval?: number; readonly timeout?: number } = {},
  ): Promise<TaskView> {
    const task = this.#headgate.task(task_id);
    const ended = await task.wait({
      pollIntervalMs: poll_interval * 1_000,
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
    });
    return withResult(task, ended);
  }

  async get_task_status(task_id: string): Promise<TaskView> {
    const task = this.#headgate.task(task_id);
    return withResult(task, await task.status());
  }

  get_stats(): Promise<Stats> {
    return this.#headgate.stats();
  }

  list_tasks(status?: TaskStatus, limit = 50, filter: TaskFilter = {}): Promise<TaskList> {
    return this.#headgate.page(status === undefined ? filter : { ...filter, status }, { limit });
  }

  /** Deletes tasks that ended longer ago. */
  async cleanup_tasks(max_age_hours = 24): Promise<{ readonly success: true; readonly deleted: number }> {
    return { success: true, deleted: await this.#headgate.cleanup(max_age_hours) };
  }

  cancel_task(task_id: string): Promise<void> {
    return this.#headgate.task(task_id).cancel();
  }

  /** Resolves to the id of the new task. */
  async retry_task(task_id: string): Promise<string> {
    return (await this.#headgate.task(task_id).retry()).id;
  }

  delete_task(task_id: string): Promise<void> {
    return this.#headgate.task(task_id).delete();
  }

  get_task_result(task_id: string): Promise<Response> {
    return this.#headgate.task(task_id).result();
  }
}

/** With its result, however large: an answer that is kept in a file does not stand in the task, and there it did. */
async function withResult(task: Task, view: TaskView): Promise<TaskView> {
  const { response, result, completed_at } = view;
  if (completed_at === null || response === null || result !== null || response.size_bytes === 0) return view;
  try {
    return { ...view, ...(await readResult(await task.result())) };
  } catch (error) {
    // It was pruned meanwhile; what is known of it still holds.
    if (error instanceof HeadgateError) return view;
    throw error;
  }
}
