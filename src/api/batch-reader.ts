import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Cancel, Clock } from "../lib/clock.ts";
import { type ErrorCode, HeadgateError } from "../lib/error.ts";
import { nextTurn } from "../lib/turns.ts";
import { readBatch, type Written } from "./read-batch.ts";

/** Reads the bodies of batches, however large, without holding the main thread. */
export interface BatchReader {
  /** Throws what is wrong with it, by index and member. Who has left is not read for; clients take turns, by name. */
  read(body: Buffer | undefined, client: NodeJS.EventEmitter, name?: string): Promise<readonly Written[]>;
  close(): Promise<void>;
}

/** What the thread says to a body, and to `next`. */
export type Answer =
  | { readonly kind: "piece"; readonly requests: readonly Written[]; readonly isLast: boolean }
  | { readonly kind: "refused"; readonly error: Refusal };

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | undefined;
  readonly index: number | undefined;
}

/** Read by the main thread: 4 ms of the worst that fits. To start a thread takes ten times as long. */
export const READ_HERE_BYTES: number = 32 * 1024;

/** Then the thread ends, and gives back its memory. */
const IDLE_MS = 10_000;

/** V8 may take down the process with a thread that needs more. 8 MiB of the worst JSON were read with half of it. */
const HEAP_MB = 1_024;

interface Job {
  readonly name: string;
  readonly body: Buffer;
  readonly resolve: (requests: readonly Written[]) => void;
  readonly reject: (error: unknown) => void;
  /** Aborted when its client leaves. */
  readonly left: AbortSignal;
}

/** One at a time: a batch of 8 MiB takes some hundred while it is read. */
export function createBatchReader(clock: Clock): BatchReader {
  const waiting: Job[] = [];
  const turns = new Map<string, number>();
  let turn = 0;
  const closing = new AbortController();
  let isBusy = false;
  let thread: Worker | null = null;
  let stayAwake: Cancel = () => {};

  function start(): Worker {
    const worker = new Worker(new URL("./batch-thread.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    // It has nothing to lose.
    worker.unref();
    // Whoever waits for it hears of it as well.
    worker.on("error", () => {
      if (thread === worker) thread = null;
    });
    return worker;
  }

  async function stop(): Promise<void> {
    stayAwake();
    const ending = thread;
    thread = null;
    await ending?.terminate();
  }

  async function ask(worker: Worker, message: Uint8Array | "next", left: AbortSignal): Promise<Answer> {
    const answer = once(worker, "message", { signal: AbortSignal.any([closing.signal, left]) });
    worker.postMessage(message, message === "next" ? [] : [message.buffer as ArrayBuffer]);
    const [said] = (await answer) as [Answer];
    return said;
  }

  async function readThere({ body, left }: Job): Promise<readonly Written[]> {
    if (closing.signal.aborted) throw STOPPING;
    const worker = (thread ??= start());
    const requests: Written[] = [];
    // What lies in a pool of small ones cannot be given away.
    let message: Uint8Array | "next" =
      body.byteLength === body.buffer.byteLength ? body : new Uint8Array(body);
    for (;;) {
      const answer = await ask(worker, message, left);
      if (answer.kind === "refused") throw toError(answer.error);
      requests.push(...answer.requests);
      if (answer.isLast) return requests;
      message = "next";
      await nextTurn();
    }
  }

  /** Of the client whose turn was longest ago. */
  function next(): Job | undefined {
    const turnOf = ({ name }: Job): number => turns.get(name) ?? 0;
    const job = waiting.reduce<Job | undefined>(
      (first, each) => (first === undefined || turnOf(each) < turnOf(first) ? each : first),
      undefined,
    );
    if (job === undefined) {
      turns.clear();
      return undefined;
    }
    waiting.splice(waiting.indexOf(job), 1);
    turn += 1;
    turns.set(job.name, turn);
    return job;
  }

  async function work(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    stayAwake();
    for (let job = next(); job !== undefined; job = next()) {
      try {
        job.resolve(await readThere(job));
      } catch (error) {
        // Others wait: what nobody is told of is not read to its end.
        if (job.left.aborted) await stop();
        job.reject(closing.signal.aborted ? STOPPING : error);
      }
    }
    isBusy = false;
    if (!closing.signal.aborted) stayAwake = clock.after(IDLE_MS, () => void stop());
  }

  return {
    async read(body = NOTHING, client, name = "") {
      if (body.byteLength <= READ_HERE_BYTES) {
        await nextTurn();
        return readBatch(body.toString());
      }
      return new Promise((resolve, reject) => {
        const leaving = new AbortController();
        const job = { name, body, resolve, reject, left: leaving.signal };
        waiting.push(job);
        client.once("close", () => {
          leaving.abort();
          const place = waiting.indexOf(job);
          if (place !== -1) waiting.splice(place, 1);
          reject(LEFT);
        });
        void work();
      });
    },
    async close() {
      closing.abort();
      await stop();
    },
  };
}

const NOTHING = Buffer.alloc(0);
const STOPPING = new HeadgateError("shutting_down", "This node is stopping.", { retryAfterSeconds: 5 });
const LEFT = new HeadgateError("request_timeout", "The client has left.");

function toError({ code, message, field, index }: Refusal): HeadgateError {
  return new HeadgateError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...(index === undefined ? {} : { index }),
  });
}
