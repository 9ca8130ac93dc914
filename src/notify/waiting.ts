import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { TaskEvents } from "../task/event.ts";

export interface Waiting {
  /** How many wait. */
  readonly count: number;
  /** Whether one more may. */
  readonly hasRoom: boolean;
  /**
   * Resolves when a task has ended, when `timeoutMs` have passed, or when the signal says that nobody waits any more:
   * whoever called looks the task up again and sees which. Waiting begins with the call, so call first, look second,
   * then await, and no end is missed. Where there is no room it resolves at once.
   */
  untilFinal(id: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Lets all go who wait, and whoever comes later at once: the node is stopping. */
  release(): void;
}

/** One subscription for all; a waiting client costs an entry in a map and a timer. */
export function createWaiting(
  events: Emitter<TaskEvents>,
  clock: Clock,
  mostAtOnce: number = Infinity,
): Waiting {
  const waiting = new Map<string, Set<() => void>>();
  let count = 0;
  let isReleased = false;

  function wakeAll(id: string): void {
    for (const wake of waiting.get(id) ?? []) wake();
  }

  events.on("task.ended", ({ id }) => wakeAll(id));

  return {
    get count() {
      return count;
    },
    get hasRoom() {
      return count < mostAtOnce;
    },
    untilFinal: (id, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (count >= mostAtOnce) {
          resolve();
          return;
        }
        count += 1;
        const clients = waiting.get(id) ?? new Set();
        waiting.set(id, clients.add(wake));
        const cancelTimer = clock.after(timeoutMs, wake);
        signal.addEventListener("abort", wake);
        if (signal.aborted || isReleased) wake();

        function wake(): void {
          cancelTimer();
          signal.removeEventListener("abort", wake);
          if (clients.delete(wake)) count -= 1;
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
