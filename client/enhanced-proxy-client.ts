import { Headgate } from "./client.ts";
import type { ConnectionOptions } from "./connection.ts";
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
  async submit_task(endpoint: string, data: unknown = {}): Promise<string> {
    return (await this.#headgate.submit(endpoint, { json: data })).id;
  }

  /** `poll_interval` and `timeout` are seconds. Throws a `WaitTimeoutError` when the time is over. */
  wait_for_task(
    task_id: string,
    { poll_interval = 5, timeout }: { readonly poll_interval?: number; readonly timeout?: number } = {},
  ): Promise<TaskView> {
    return this.#headgate.task(task_id).wait({
      pollIntervalMs: poll_interval * 1_000,
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
    });
  }

  get_task_status(task_id: string): Promise<TaskView> {
    return this.#headgate.task(task_id).status();
  }

  get_stats(): Promise<Stats> {
    return this.#headgate.stats();
  }

  list_tasks(status?: TaskStatus, limit = 50, filter: TaskFilter = {}): Promise<TaskList> {
    return this.#headgate.page(status === undefined ? filter : { ...filter, status }, { limit });
  }

  /** Resolves to how many were deleted. */
  cleanup_tasks(max_age_hours = 24): Promise<number> {
    return this.#headgate.cleanup(max_age_hours);
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
