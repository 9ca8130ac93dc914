import { Worker } from "node:worker_threads";
import { HeadgateError } from "../../lib/error.ts";
import type { Call, Reply, ReplyError } from "./group.ts";

/** The main thread's end of a database thread. */
export interface ThreadClient<Verbs> {
  call<Name extends keyof Verbs & string>(
    verb: Name,
    ...parameters: Parameters<Fn<Verbs[Name]>>
  ): Promise<ReturnType<Fn<Verbs[Name]>>>;
  /** Finishes what was asked for and ends the thread. */
  close(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the constraint of a function type, never a value
type Fn<Verb> = Verb extends (...parameters: any[]) => unknown ? Verb : never;

export interface ThreadSettings {
  readonly role: "writer" | "reader";
  readonly path: string;
}

export type ThreadMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "refused"; readonly error: ReplyError }
  | { readonly kind: "replies"; readonly replies: readonly Reply[] };

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a thread and waits until its database is open. One message is under way at a time, and calls made meanwhile make
 * up the next one: the slower the disk, the more of them share its next fsync.
 * `onFatal` hears of a broken disk or a dead thread, once; whatever still waits is rejected.
 */
export async function startThread<Verbs>(
  settings: ThreadSettings,
  onFatal: (error: HeadgateError) => void,
): Promise<ThreadClient<Verbs>> {
  const worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: settings });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const waiting = new Map<number, Waiting>();
  let outbox: Call[] = [];
  let lastId = 0;
  let failure: HeadgateError | undefined;
  let isUnderWay = false;
  let isClosed = false;

  try {
    await opened(worker);
  } catch (thrown) {
    // Only then is everything that it held let go.
    await ended;
    throw thrown;
  }
  worker.on("message", (message: ThreadMessage) => {
    if (message.kind !== "replies") return;
    isUnderWay = false;
    // After what the answers lead to, so that it travels along.
    setImmediate(send);
    for (const reply of message.replies) answer(reply);
  });
  worker.on("error", (cause: Error) =>
    fail(new HeadgateError("storage_failed", `The database thread died: ${cause.message}`, { cause })),
  );
  worker.once("exit", () => {
    if (!isClosed) fail(new HeadgateError("storage_failed", "The database thread ended."));
  });

  function answer([id, error, value]: Reply): void {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error === null) return waiter?.resolve(value as never);
    const raised = new HeadgateError(error.code, error.message);
    waiter?.reject(raised);
    if (error.code === "storage_failed") fail(raised);
  }

  function fail(error: HeadgateError): void {
    if (failure !== undefined) return;
    failure = error;
    outbox = [];
    for (const waiter of waiting.values()) waiter.reject(error);
    waiting.clear();
    onFatal(error);
  }

  function send(): void {
    if (outbox.length === 0 || (isUnderWay && !isClosed)) return;
    isUnderWay = true;
    const calls = outbox;
    outbox = [];
    worker.postMessage(calls);
  }

  return {
    call(verb, ...parameters) {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        if (isClosed) return reject(new HeadgateError("shutting_down", "The store is closed."));
        if (outbox.length === 0 && !isUnderWay) setImmediate(send);
        outbox.push([++lastId, verb, parameters]);
        waiting.set(lastId, { resolve, reject });
      });
    },
    async close() {
      isClosed = true;
      send();
      worker.postMessage("close");
      await ended;
    },
  };
}

function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message: ThreadMessage) => {
      worker.off("error", reject);
      if (message.kind === "refused") reject(new HeadgateError(message.error.code, message.error.message));
      else resolve();
    });
  });
}
