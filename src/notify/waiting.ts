import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { TaskEvents } from "../task/event.ts";

export interface Waiting {
  /**
   * Resolves when a task has ended, when `timeoutMs` have passed, or when the signal says that nobody waits any more:
   * whoever called looks the task up again and sees which. Waiting begins with the call, so call first, look second,
   * then await, and no end is missed.
   */
  untilFinal(id: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Lets all go who wait, and whoever comes later at once: the node is stopping. */
  release(): void;
}

/** One subscription for all; a waiting client costs an entry in a map and a timer. */
export function createWaiting(events: Emitter<TaskEvents>, clock: Clock): Waiting {
  const waiting = new Map<string, Set<() => void>>();
  let isReleased = false;

  function wakeAll(id: string): void {
    for (const wake of waiting.get(id) ?? []) wake();
  }

  events.on("task.ended", ({ id }) => wakeAll(id));

  return {
    untilFinal: (id, timeoutMs, signal) =>
      new Promise((resolve) => {
        const clients = waiting.get(id) ?? new Set();
        waiting.set(id, clients.add(wake));
        const cancelTimer = clock.after(timeoutMs, wake);
        signal.addEventListener("abort", wake);
        if (signal.aborted || isReleased) wake();

        function wake(): void {
          cancelTimer();
          signal.removeEventListener("abort", wake);
          clients.delete(wake);
          if (clients.size === 0) waiting.delete(id);
          resolve();
        }
      }),
    release() {
      isReleased = true;
      for (const id of waiting.keys()) wakeAll(id);
    },
  };
}
