import type { DatabaseSync } from "node:sqlite";

/**
 * Counts kept in step with the rows they count. Verbs change them in memory while a transaction runs; `flush` writes
 * what changed just before it commits, so a hundred transitions cost one small update each kind. A transaction that is
 * rolled back reloads them.
 */
export interface Tallies {
  get(lane: string, key: TallyKey): number;
  add(lane: string, key: TallyKey, difference: number): void;
  /** All that ever held a task, in order. */
  lanes(): readonly string[];
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

export function openTallies(db: DatabaseSync): Tallies {
  const counts = new Map<string, Map<TallyKey, number>>();
  const changed = new Map<string, Set<TallyKey>>();

  const write = db.prepare(
    "INSERT INTO tally (lane, key, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count",
  );
  const readCounts = db.prepare("SELECT lane, key, count FROM tally");

  function load(): void {
    counts.clear();
    changed.clear();
    for (const row of readCounts.iterate()) {
      countsOf(String(row["lane"])).set(row["key"] as TallyKey, Number(row["count"]));
    }
  }

  function countsOf(lane: string): Map<TallyKey, number> {
    return entry(counts, lane, () => new Map<TallyKey, number>());
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
    lanes: () => [...counts.keys()].toSorted(),
    flush() {
      for (const [lane, keys] of changed) {
        for (const key of keys) write.run(lane, key, countsOf(lane).get(key) ?? 0);
      }
      changed.clear();
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
