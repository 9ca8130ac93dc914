import type { DatabaseSync } from "node:sqlite";

/**
 * Counts kept in step with the rows they count. Verbs change them in memory while a transaction runs; `flush` writes
 * what changed just before it commits, so a hundred transitions cost one small update each kind. A transaction that is
 * rolled back reloads them.
 */
export interface Tallies {
  get(lane: string, key: TallyKey): number;
  add(lane: string, key: TallyKey, difference: number): void;
  /** A task enters (+1) or leaves (-1) the line. */
  line(lane: string, priority: number, rank: number, difference: 1 | -1): void;
  /** Tasks in line with this priority or a higher one. */
  ahead(lane: string, priority: number): number;
  flush(): void;
  reload(): void;
}

export type TallyKey =
  | "pending"
  | "processing"
  | "completed"
  | "failed"
  | "cancelled"
  | "total_accepted"
  | "total_completed"
  | "total_failed"
  | "total_cancelled"
  | "in_flight";

/** Ranks that share one row of `backlog`. */
export const BLOCK_RANKS = 1_024;

export function blockOf(rank: number): number {
  return Math.floor(rank / BLOCK_RANKS);
}

interface BlockChange {
  readonly lane: string;
  readonly priority: number;
  readonly block: number;
  difference: number;
}

export function openTallies(db: DatabaseSync): Tallies {
  const counts = new Map<string, Map<TallyKey, number>>();
  const changed = new Map<string, Set<TallyKey>>();
  const line = new Map<string, number[]>();
  const blocks = new Map<string, BlockChange>();

  const write = db.prepare(
    "INSERT INTO tally (lane, key, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count",
  );
  const changeBlock = db.prepare(
    "UPDATE backlog SET count = count + ? WHERE lane = ? AND priority = ? AND block = ? RETURNING count",
  );
  const insertBlock = db.prepare("INSERT INTO backlog (lane, priority, block, count) VALUES (?, ?, ?, ?)");
  const removeBlock = db.prepare("DELETE FROM backlog WHERE lane = ? AND priority = ? AND block = ?");
  const readCounts = db.prepare("SELECT lane, key, count FROM tally");
  const readLine = db.prepare(
    "SELECT lane, priority, sum(count) AS count FROM backlog GROUP BY lane, priority",
  );

  function load(): void {
    counts.clear();
    changed.clear();
    line.clear();
    blocks.clear();
    for (const row of readCounts.iterate()) {
      countsOf(String(row["lane"])).set(row["key"] as TallyKey, Number(row["count"]));
    }
    for (const row of readLine.iterate()) {
      lineOf(String(row["lane"]))[Number(row["priority"])] = Number(row["count"]);
    }
  }

  function countsOf(lane: string): Map<TallyKey, number> {
    return entry(counts, lane, () => new Map<TallyKey, number>());
  }

  function lineOf(lane: string): number[] {
    return entry(line, lane, () => Array.from({ length: 10 }, () => 0));
  }

  function flushBlock({ lane, priority, block, difference }: BlockChange): void {
    if (difference === 0) return;
    const left = changeBlock.get(difference, lane, priority, block);
    if (left === undefined) insertBlock.run(lane, priority, block, difference);
    else if (left["count"] === 0) removeBlock.run(lane, priority, block);
  }

  load();
  return {
    get: (lane, key) => countsOf(lane).get(key) ?? 0,
    add(lane, key, difference) {
      if (difference === 0) return;
      const own = countsOf(lane);
      own.set(key, (own.get(key) ?? 0) + difference);
      entry(changed, lane, () => new Set<TallyKey>()).add(key);
    },
    line(lane, priority, rank, difference) {
      const waiting = lineOf(lane);
      waiting[priority] = (waiting[priority] ?? 0) + difference;
      const block = blockOf(rank);
      const change = entry(blocks, `${block}/${priority}/${lane}`, () => ({
        lane,
        priority,
        block,
        difference: 0,
      }));
      change.difference += difference;
    },
    ahead(lane, priority) {
      return lineOf(lane).reduce((sum, count, level) => (level >= priority ? sum + count : sum), 0);
    },
    flush() {
      for (const [lane, keys] of changed) {
        for (const key of keys) write.run(lane, key, countsOf(lane).get(key) ?? 0);
      }
      for (const change of blocks.values()) flushBlock(change);
      changed.clear();
      blocks.clear();
    },
    reload: load,
  };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
