import { Batch, type BatchRequest, submitBatch } from "./batch.ts";
import { bulk, type BulkFilter, type BulkOutcome } from "./bulk.ts";
import { type Connection, type ConnectionOptions, createConnection } from "./connection.ts";
import { follow, type FollowOptions } from "./follow.ts";
import type { ServerSentEvent } from "./sse.ts";
import { submit, type SubmitOptions } from "./submit.ts";
import { Task } from "./task.ts";
import { newKey } from "./until-taken.ts";
import type { Key, Lane, NewKey, Stats, Target, TaskFilter, TaskList, TaskView } from "./views.ts";
import type { WaitOptions } from "./wait.ts";
import { Webhooks } from "./webhooks.ts";

/** A Headgate, and through it the service behind. */
export class Headgate {
  readonly connection: Connection;
  readonly webhooks: Webhooks;

  constructor(baseUrl: string | URL, options: ConnectionOptions = {}) {
    this.connection = createConnection(baseUrl, options);
    this.webhooks = new Webhooks(this.connection);
  }

  /** Hands a request over; resolves when it is safely in the queue. */
  async submit(path: string, options: SubmitOptions = {}): Promise<Task> {
    const receipt = await submit(this.connection, path, options);
    return new Task(this.connection, receipt.task_id, receipt);
  }

  /** Submits and waits; throws a `TaskFailedError` unless the task was completed. Aborting cancels the task. */
  async run(path: string, options: SubmitOptions & WaitOptions = {}): Promise<TaskView> {
    const task = await this.submit(path, options);
    return task.done(options);
  }

  /** A task by its id; nothing is asked yet. */
  task(id: string): Task {
    return new Task(this.connection, id);
  }

  /** Newest first, page after page as they are needed. */
  async *list(filter: TaskFilter & { readonly limit?: number } = {}): AsyncGenerator<TaskView, void> {
    const { limit = Infinity, ...rest } = filter;
    let cursor: string | undefined;
    for (let left = limit; left > 0;) {
      const page: TaskList = await this.page(rest, { limit: Math.min(left, 200), cursor });
      yield* page.tasks;
      left -= page.tasks.length;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  /** One page, newest first. */
  page(
    filter: TaskFilter = {},
    at: { readonly limit?: number; readonly cursor?: string | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<TaskList> {
    const { signal, ...place } = at;
    return this.connection.json("/tasks", { query: { ...filter, ...place }, signal });
  }

  /** Hands many requests over at once: all are accepted, or none, once however often they are sent. Up to 1,000. */
  async batch(
    requests: readonly BatchRequest[],
    { idempotencyKey = newKey(), signal }: Pick<SubmitOptions, "idempotencyKey" | "signal"> = {},
  ): Promise<Batch> {
    const { batch_id, task_ids } = await submitBatch(this.connection, requests, idempotencyKey, signal);
    return new Batch(this.connection, batch_id, task_ids);
  }

  /** A batch by its id; nothing is asked yet. */
  batchOf(id: string): Batch {
    return new Batch(this.connection, id);
  }

  /** Cancels every task that the filter chooses, those that wait or run unless it says otherwise. */
  cancelAll(filter: BulkFilter): Promise<BulkOutcome> {
    return bulk(this.connection, "cancel", filter);
  }

  /** Makes new tasks of all that the filter chooses, those that failed unless it says otherwise. */
  retryAll(filter: BulkFilter): Promise<BulkOutcome> {
    return bulk(this.connection, "retry", filter);
  }

  stats(): Promise<Stats> {
    return this.connection.json("/stats");
  }

  async lanes(): Promise<readonly Lane[]> {
    return (await this.connection.json<{ readonly lanes: readonly Lane[] }>("/lanes")).lanes;
  }

  async targets(): Promise<readonly Target[]> {
    return (await this.connection.json<{ readonly targets: readonly Target[] }>("/targets")).targets;
  }

  pause(lane: string): Promise<unknown> {
    return this.connection.json(`/lanes/${encodeURIComponent(lane)}/pause`, { method: "POST" });
  }

  resume(lane: string): Promise<unknown> {
    return this.connection.json(`/lanes/${encodeURIComponent(lane)}/resume`, { method: "POST" });
  }

  /** Limits while running; null takes a change back. */
  changeLane(
    lane: string,
    changes: {
      readonly max_concurrent?: number | "auto" | null;
      readonly queue?: number | null;
      readonly rate?: string | null;
    },
  ): Promise<unknown> {
    return this.connection.json(`/lanes/${encodeURIComponent(lane)}`, { method: "PATCH", json: changes });
  }

  /** Deletes tasks that ended longer ago; answers how many. */
  async cleanup(maxAgeHours = 24): Promise<number> {
    const { deleted } = await this.connection.json<{ readonly deleted: number }>("/tasks/cleanup", {
      method: "DELETE",
      query: { max_age_hours: maxAgeHours },
    });
    return deleted;
  }

  /** What happens in all of Headgate, over reconnects. */
  events(options?: FollowOptions): AsyncGenerator<ServerSentEvent, void> {
    return follow(this.connection, "/events", options);
  }

  /** The keys there are, without their texts. */
  async keys(): Promise<readonly Key[]> {
    return (await this.connection.json<{ readonly keys: readonly Key[] }>("/keys")).keys;
  }

  /** Makes a key; resolves to its text, which is told this once. */
  async createKey(key: NewKey): Promise<string> {
    return (await this.connection.json<{ readonly key: string }>("/keys", { method: "POST", json: key })).key;
  }

  removeKey(name: string): Promise<unknown> {
    return this.connection.json(`/keys/${encodeURIComponent(name)}`, { method: "DELETE" });
  }

  /** Whether requests are accepted now. */
  async isReady(): Promise<boolean> {
    const response = await this.connection.control("/readyz").catch(() => null);
    return response?.ok === true;
  }
}
