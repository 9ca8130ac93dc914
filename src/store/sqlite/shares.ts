import type { DatabaseSync } from "node:sqlite";
import type { FairQueue, Share } from "../../task/fair-queue.ts";
import { createFairQueue } from "../../task/fair-queue.ts";

/**
 * The fair queue of each lane and priority, kept over restarts as `Tallies` are: changed in memory while a transaction
 * runs, written by `flush`, read again by `reload`. However many tasks of a client come and go in a transaction, its
 * share is written once.
 */
export interface Shares {
  queue(lane: string, priority: number): FairQueue;
  /** The same, about to change what this client is charged. */
  change(lane: string, priority: number, client: string): FairQueue;
  flush(): void;
  reload(): void;
}

interface Level {
  readonly lane: string;
  readonly priority: number;
  readonly queue: FairQueue;
  /** Virtual time that the database has; null for none. */
  storedTime: number | null;
  /** Whether it has shares, and whether those are void. */
  isStored: boolean;
  isVoid: boolean;
  readonly changed: Set<string>;
}

/** A flush looks at so many shares for each that changed, so that what is worth nothing goes as fast as it comes. */
const LOOKS_PER_CHANGE = 2;

export function openShares(db: DatabaseSync): Shares {
  const lanes = new Map<string, Map<number, Level>>();
  const changed = new Set<Level>();
  const read = prepareRead(db);
  const write = prepareWrite(db);

  function levelOf(lane: string, priority: number): Level {
    return lanes.get(lane)?.get(priority) ?? keep(newLevel(lane, priority, null, []));
  }

  function keep(level: Level): Level {
    const levels = lanes.get(level.lane) ?? new Map<number, Level>();
    lanes.set(level.lane, levels.set(level.priority, level));
    return level;
  }

  function load(): void {
    lanes.clear();
    changed.clear();
    for (const level of read()) keep(level);
  }

  load();
  return {
    queue: (lane, priority) => levelOf(lane, priority).queue,
    change(lane, priority, client) {
      const level = levelOf(lane, priority);
      changed.add(level);
      // A queue in which nobody waits has forgotten all.
      if (level.queue.clients === 0) forgetAll(level);
      level.changed.add(client);
      return level.queue;
    },
    flush() {
      for (const level of changed) write(level);
      changed.clear();
    },
    reload: load,
  };
}

function newLevel(
  lane: string,
  priority: number,
  at: number | null,
  shares: readonly (readonly [string, Share])[],
): Level {
  return {
    lane,
    priority,
    queue: createFairQueue(at ?? 0, shares),
    storedTime: at,
    isStored: shares.length > 0,
    isVoid: false,
    changed: new Set(),
  };
}

function forgetAll(level: Level): void {
  level.isVoid = level.isStored;
  level.changed.clear();
}

function prepareRead(db: DatabaseSync): () => Iterable<Level> {
  const times = db.prepare("SELECT lane, priority, at FROM virtual_time");
  const shares = db.prepare(
    "SELECT client, weight, finish, last, waiting FROM share WHERE lane = ? AND priority = ?",
  );
  return function* () {
    for (const { lane, priority, at } of times.all() as { lane: string; priority: number; at: number }[]) {
      const rows = shares.all(lane, priority) as unknown as (Share & { readonly client: string })[];
      yield newLevel(
        lane,
        priority,
        at,
        rows.map((row) => [row.client, row]),
      );
    }
  };
}

function prepareWrite(db: DatabaseSync): (level: Level) => void {
  const setTime = db.prepare(
    "INSERT INTO virtual_time (lane, priority, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
  );
  const setShare = db.prepare(
    `INSERT INTO share (lane, priority, client, weight, finish, last, waiting) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET weight = excluded.weight, finish = excluded.finish, last = excluded.last, waiting = excluded.waiting`,
  );
  const removeShare = db.prepare("DELETE FROM share WHERE lane = ? AND priority = ? AND client = ?");
  const removeAll = db.prepare("DELETE FROM share WHERE lane = ? AND priority = ?");

  return (level) => {
    const { lane, priority, queue } = level;
    if (queue.virtualTime !== level.storedTime) {
      setTime.run(lane, priority, queue.virtualTime);
      level.storedTime = queue.virtualTime;
    }
    if (queue.clients === 0) forgetAll(level);
    if (level.isVoid) {
      removeAll.run(lane, priority);
      level.isStored = level.isVoid = false;
    }
    const forgotten = queue.forget(level.changed.size * LOOKS_PER_CHANGE);
    for (const client of level.changed) {
      const share = queue.share(client);
      if (share === undefined) continue;
      const { weight, finish, last, waiting } = share;
      setShare.run(lane, priority, client, weight, finish, last, waiting);
      level.isStored = true;
    }
    for (const client of forgotten) removeShare.run(lane, priority, client);
    level.changed.clear();
  };
}
