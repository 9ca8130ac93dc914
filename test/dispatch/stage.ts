// A dispatcher of several lanes before a pool of targets that has only so much room.

import { setImmediate as turn } from "node:timers/promises";
import type { LaneConfig } from "../../src/config/config.ts";
import { createDispatcher, type Dispatcher } from "../../src/dispatch/dispatch.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { Capacity, Hold } from "../../src/task/hold.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";
import { claimed } from "../task/claimed.ts";

export const ANSWERED: Exchange = {
  kind: "answered",
  target: "http://t",
  response: { status: 200, headers: [], body: EMPTY_BODY },
};

export interface Stage {
  readonly dispatcher: Dispatcher;
  readonly clock: ManualClock;
  readonly line: Map<string, string[]>;
  /** Ends of attempts that run, by id. */
  readonly running: Map<string, () => void>;
  readonly pool: { places: number; hold: Hold | null };
  claims: number;
}

export function stage(
  t: { after(clean: () => Promise<void>): void },
  lanes: readonly LaneConfig[],
  places: number = Infinity,
): Stage {
  const clock = createManualClock();
  const line = new Map<string, string[]>();
  const running = new Map<string, () => void>();
  const pool: Stage["pool"] = { places, hold: null };
  const capacity: Capacity = {
    reserve(_lane, wanted) {
      const granted = Math.min(wanted, pool.places);
      pool.places -= granted;
      return granted;
    },
    giveBack(unused) {
      pool.places += unused;
      if (unused > 0) dispatcher.wakePool("default");
    },
    hasRoom: () => pool.places > 0 && pool.hold === null,
    hold: () => pool.hold ?? (pool.places > 0 ? null : { kind: "target_limit", until: null }),
  };
  const counts = { claims: 0 };
  const dispatcher = createDispatcher({
    node: "n1",
    lanes: lanes.map((config) => ({ config, paused: false })),
    capacityOf: () => capacity,
    clock,
    async claim({ lane, limit }) {
      counts.claims++;
      await turn();
      const waiting = line.get(lane) ?? [];
      const tasks = waiting
        .splice(0, limit)
        .map((taskId) => claimed({ lane, lease: { taskId, node: "n1", epoch: 1 } }));
      return { tasks, nextDueAt: null, pending: waiting.length };
    },
    send: ({ lease }) =>
      new Promise<Exchange>((resolve) => running.set(lease.taskId, () => resolve(ANSWERED))).finally(() => {
        running.delete(lease.taskId);
        pool.places += 1;
        dispatcher.wakePool("default");
      }),
    settle: async () => {},
    emit: () => {},
    onPending: () => {},
    onError: (thrown) => {
      throw thrown;
    },
  });
  t.after(async () => {
    let isStopped = false;
    const stopped = dispatcher.stop(0).then(() => (isStopped = true));
    // A claim that is under way may still start some.
    while (!isStopped) {
      for (const end of running.values()) end();
      await settled();
    }
    await stopped;
  });
  return Object.assign(counts, { dispatcher, clock, line, running, pool });
}

export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}
