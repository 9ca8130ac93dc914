import type { Cancel, Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { createPlaces } from "../lib/places.ts";
import type { TaskEvents } from "../task/event.ts";
import type { Wait, WaitUntilFinal } from "../task/wait.ts";

export interface Waiting {
  /** How many wait. */
  readonly count: number;
  /**
   * Waits for the end of a task, `timeoutMs` at most: whoever called looks the task up again and sees which. Waiting begins
   * with the call, so call first, look second, then await, and no end is missed. Null where there is no room.
   */
  readonly untilFinal: WaitUntilFinal;
  /** Lets all go who wait, and whoever comes later at once: the node is stopping. */
  release(): void;
}

interface Client {
  readonly id: string;
  readonly holder: string;
  readonly line: Line;
  readonly deadline: number;
  readonly resolve: () => void;
}

/** Clients whose waits are equally long: their time is over in the order in which they came, so one timer does for all. */
interface Line {
  readonly timeoutMs: number;
  readonly clients: Set<Client>;
  cancelTimer: Cancel;
}

const OVER: Wait = Object.freeze({ over: Promise.resolve(), leave() {} });

/** One subscription for all, and a timer for each length of wait. */
export function createWaiting(
  events: Emitter<TaskEvents>,
  clock: Clock,
  mostAtOnce: number = Infinity,
): Waiting {
  // Most tasks have one client that waits, and a set of one is three times as large as the client.
  const byTask = new Map<string, Client | Set<Client>>();
  const lines = new Map<number, Line>();
  const places = createPlaces(mostAtOnce);
  let isReleased = false;

  function lineOf(timeoutMs: number): Line {
    let line = lines.get(timeoutMs);
    if (line === undefined) {
      line = { timeoutMs, clients: new Set(), cancelTimer: () => {} };
      lines.set(timeoutMs, line);
      endLater(line, timeoutMs);
    }
    return line;
  }

  function begin(client: Client): void {
    const { id, line } = client;
    line.clients.add(client);
    const others = byTask.get(id);
    if (others instanceof Set) others.add(client);
    else byTask.set(id, others === undefined ? client : new Set([others, client]));
  }

  function end(client: Client): void {
    const { id, holder, line, resolve } = client;
    if (!line.clients.delete(client)) return;
    places.giveBack(holder);
    if (line.clients.size === 0) {
      line.cancelTimer();
      lines.delete(line.timeoutMs);
    }
    const those = byTask.get(id);
    if (those instanceof Set) those.delete(client);
    if (!(those instanceof Set) || those.size === 0) byTask.delete(id);
    resolve();
  }

  function endLater(line: Line, delayMs: number): void {
    line.cancelTimer = clock.after(delayMs, () => endOverdue(line));
  }

  function endOverdue(line: Line): void {
    const now = clock.monotonicMs();
    for (const client of line.clients) {
      const leftMs = client.deadline - now;
      // Timers come a little early.
      if (leftMs > 1) return endLater(line, leftMs);
      end(client);
    }
  }

  function endAll(id: string): void {
    const those = byTask.get(id);
    if (those instanceof Set) for (const client of those) end(client);
    else if (those !== undefined) end(those);
  }

  events.on("task.ended", ({ id }) => endAll(id));

  return {
    get count() {
      return places.count;
    },
    untilFinal(id, timeoutMs, holder) {
      if (isReleased) return OVER;
      if (!places.take(holder)) return null;
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const client: Client = {
        id,
        holder,
        line: lineOf(timeoutMs),
        deadline: clock.monotonicMs() + timeoutMs,
        resolve,
      };
      begin(client);
      return { over, leave: () => end(client) };
    },
    release() {
      isReleased = true;
      for (const id of byTask.keys()) endAll(id);
    },
  };
}
