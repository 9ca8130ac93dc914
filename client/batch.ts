import type { Connection } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { sleep } from "./sleep.ts";
import { Task } from "./task.ts";
import type { BatchView } from "./views.ts";

/** One request of a batch; `headers` may have directives such as `Headgate-Priority`. */
export interface BatchRequest {
  /** POST if not said. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A JSON value. In its place may stand `text`, or `body_base64` for bytes. */
  readonly body?: unknown;
  readonly text?: string;
  readonly body_base64?: string;
}

export interface BatchWaitOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** How far it has come, after each look. */
  readonly onChange?: (batch: BatchView) => void;
}

const LONG_POLL_SECONDS = 30;
const LONGEST_PAUSE_MS = 10_000;

/** Tasks that were accepted together. */
export class Batch {
  readonly id: string;
  /** In the order of the requests; empty for a batch that was submitted elsewhere. */
  readonly taskIds: readonly string[];
  readonly #connection: Connection;

  constructor(connection: Connection, id: string, taskIds: readonly string[] = []) {
    this.#connection = connection;
    this.id = id;
    this.taskIds = taskIds;
  }

  /** The tasks of this batch, when it was submitted here. */
  tasks(): readonly Task[] {
    return this.taskIds.map((id) => new Task(this.#connection, id));
  }

  status(): Promise<BatchView> {
    return this.#connection.json(`/batches/${this.id}`);
  }

  /** Resolves when every task of it has ended; rejects with a `TimeoutError` when the time is over before. */
  async wait({ timeoutMs = Infinity, signal, onChange }: BatchWaitOptions = {}): Promise<BatchView> {
    const deadline = performance.now() + timeoutMs;
    for (let failures = 0; ;) {
      signal?.throwIfAborted();
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new DOMException(`Batch ${this.id} has not ended in time.`, "TimeoutError");
      const batch = await this.#look(Math.min(LONG_POLL_SECONDS, leftMs / 1_000), signal);
      if (batch === null) {
        failures += 1;
        await sleep(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures, leftMs), signal);
        continue;
      }
      failures = 0;
      onChange?.(batch);
      if (batch.completed_at !== null) return batch;
    }
  }

  /** Null when the server cannot say now. */
  async #look(wait: number, signal: AbortSignal | undefined): Promise<BatchView | null> {
    try {
      return await this.#connection.json<BatchView>(`/batches/${this.id}`, {
        query: { wait: wait.toFixed(3) },
        signal,
      });
    } catch (error) {
      if (error instanceof HeadgateError && error.status < 500) throw error;
      return null;
    }
  }
}
