import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { TaskEvents } from "../task/event.ts";

export interface WaitingSettings {
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
}

/**
 * Resolves when a task has ended, when `timeoutMs` have passed, or when the signal says that nobody waits any more:
 * whoever called looks the task up again and sees which. Waiting begins with the call, so call first, look second, then
 * await, and no end is missed.
 */
export type WaitUntilFinal = (id: string, timeoutMs: number, signal: AbortSignal) => Promise<void>;

/** One subscription for all; a waiting client costs an entry in a map and a timer. */
export function createWaiting({ events, clock }: WaitingSettings): WaitUntilFinal {
  const waiting = new Map<string, Set<() => void>>();

  events.on("task.ended", ({ id }) => {
    const clients = waiting.get(id);
    if (clients !== undefined) for (const wake of [...clients]) wake();
  });

  return (id, timeoutMs, signal) =>
    new Promise((resolve) => {
      const clients = waiting.get(id) ?? new Set();
      waiting.set(id, clients.add(wake));
      const cancelTimer = clock.after(timeoutMs, wake);
      signal.addEventListener("abort", wake);
      if (signal.aborted) wake();

      function wake(): void {
        cancelTimer();
        signal.removeEventListener("abort", wake);
        clients.delete(wake);
        if (clients.size === 0) waiting.delete(id);
        resolve();
      }
    });
}
