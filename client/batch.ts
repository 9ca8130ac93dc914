import { type Connection, readJson } from "./connection.ts";
import { toHeadgateError } from "./errors.ts";
import { poll } from "./poll.ts";
import { Task } from "./task.ts";
import { untilTaken } from "./until-taken.ts";
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

interface BatchReceipt {
  readonly batch_id: string;
  readonly count: number;
  readonly task_ids: readonly string[];
}

export async function submitBatch(
  connection: Connection,
  requests: readonly unknown[],
  key: string | null,
  signal?: AbortSignal,
): Promise<BatchReceipt> {
  const headers = key === null ? {} : { "Idempotency-Key": key };
  const outcome = await untilTaken(
    async () => {
      const call = { method: "POST", json: { requests }, signal, headers };
      const response = await connection.control("/tasks/batch", call);
      return response.ok ? { taken: await readJson<BatchReceipt>(response) } : { refusal: response };
    },
    key !== null,
    signal,
  );
  if ("refusal" in outcome) throw await toHeadgateError(outcome.refusal);
  return outcome.taken;
}

/** Tasks that were accepted together. */
export class Batch {
  readonly id: string;
  /** In the order of the requests; empty for a batch that was submitted elsewhere. */
  readonly taskIds: readonly string[];
  readonly #connection: Connection;
  readonly #path: string;

  constructor(connection: Connection, id: string, taskIds: readonly string[] = []) {
    this.#connection = connection;
    this.#path = `/batches/${encodeURIComponent(id)}`;
    this.id = id;
    this.taskIds = taskIds;
  }

  /** The tasks of this batch, when it was submitted here. */
  tasks(): readonly Task[] {
    return this.taskIds.map((id) => new Task(this.#connection, id));
  }

  status(): Promise<BatchView> {
    return this.#connection.json(this.#path);
  }

  /** Resolves when every task of it has ended; rejects with a `TimeoutError` when the time is over before. */
  wait({ timeoutMs, signal, onChange }: BatchWaitOptions = {}): Promise<BatchView> {
    return poll<BatchView>(this.#connection, {
      path: this.#path,
      isWatched: false,
      timeoutMs,
      pauseMs: undefined,
      signal,
      isOver(batch) {
        onChange?.(batch);
        return batch.completed_at !== null;
      },
      late: () => new DOMException(`Batch ${this.id} has not ended in time.`, "TimeoutError"),
    });
  }
}
