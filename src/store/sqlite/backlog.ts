import type { DatabaseSync } from "node:sqlite";

/**
 * How many tasks stand in each line, by blocks of ranks: a place in line is a short sum, and the rest is counted within
 * one block. Kept in step with the rows like `Tallies`.
 */
export interface Backlog {
  /** A task enters (+1) or leaves (-1) the line. */
  add(lane: string, priority: number, rank: number, difference: 1 | -1): void;
  /** Place of a task that was just added as the youngest of its rank, and whose row is not there yet. */
  place(lane: string, priority: number, rank: number, front: Front): number;
  flush(): void;
  reload(): void;
}

/** Where a line begins: newcomers get ranks near `rank`, and `clients` tasks or so stand before them. */
export interface Front {
  readonly rank: number;
  readonly clients: number;
}

/**
 * Ranks that share a row: 256 tasks of one client. Many clients have more in a block, all of them at most; a look-up
 * counts them one by one, where a writer stops at `COUNTED_AT_MOST` and estimates.
 */
const BLOCK_RANKS = 262_144;
const COUNTED_AT_MOST = 256;

interface Level {
  readonly lane: string;
  readonly priority: number;
  count: number;
  /** No task in line has a higher rank. */
  highest: number;
  readonly blocks: Map<number, number>;
  readonly changed: Set<number>;
}

export function openBacklog(db: DatabaseSync): Backlog {
  const lanes = new Map<string, Map<number, Level>>();
  const changed = new Set<Level>();
  const read = db.prepare("SELECT lane, priority, block, count FROM backlog");
  const write = prepareWrite(db);
  const countUpTo = prepareCount(db);

  function load(): void {
    lanes.clear();
    changed.clear();
    for (const row of read.iterate()) {
      const level = levelOf(String(row["lane"]), Number(row["priority"]));
      const block = Number(row["block"]);
      const count = Number(row["count"]);
      level.blocks.set(block, count);
      level.count += count;
      level.highest = Math.max(level.highest, endOf(block));
    }
  }

  function levelOf(lane: string, priority: number): Level {
    return lanes.get(lane)?.get(priority) ?? newLevel(lane, priority);
  }

  function newLevel(lane: string, priority: number): Level {
    const level = { lane, priority, count: 0, highest: 0, blocks: new Map(), changed: new Set<number>() };
    const levels = lanes.get(lane) ?? new Map<number, Level>();
    lanes.set(lane, levels.set(priority, level));
    return level;
  }

  /** Those with a higher priority. */
  function before(lane: string, priority: number): number {
    let count = 0;
    for (const level of lanes.get(lane)?.values() ?? []) if (level.priority > priority) count += level.count;
    return count;
  }

  load();
  return {
    add(lane, priority, rank, difference) {
      const level = levelOf(lane, priority);
      const block = blockOf(rank);
      level.blocks.set(block, (level.blocks.get(block) ?? 0) + difference);
      level.highest = level.count === 0 ? rank : Math.max(level.highest, rank);
      level.count += difference;
      level.changed.add(block);
      changed.add(level);
    },
    place(lane, priority, rank, front) {
      const level = levelOf(lane, priority);
      if (rank >= level.highest) return before(lane, priority) + level.count;
      const own = blockOf(rank);
      let place = before(lane, priority);
      for (const [block, count] of level.blocks) if (block < own) place += count;
      const counted = countUpTo(lane, priority, rank) + 1;
      return place + (counted < COUNTED_AT_MOST ? counted : estimate(rank, level, front));
    },
    flush() {
      for (const level of changed) write(level);
      changed.clear();
    },
    reload: load,
  };
}

/** How many of the rank's block stand before it. Beyond the front, they are taken to lie evenly. */
function estimate(rank: number, { blocks, highest }: Level, front: Front): number {
  const block = blockOf(rank);
  const inBlock = blocks.get(block) ?? 0;
  const isFirst = blockOf(front.rank) === block;
  const from = isFirst ? front.rank : startOf(block);
  const atFront = isFirst ? Math.min(front.clients, inBlock) : 0;
  const share = (rank - from) / (Math.min(endOf(block), highest) - from);
  return Math.max(COUNTED_AT_MOST, Math.round(atFront + (inBlock - atFront) * Math.max(0, share)));
}

function prepareCount(db: DatabaseSync): (lane: string, priority: number, rank: number) => number {
  const count = db.prepare(
    `SELECT count(*) AS count FROM (
       SELECT 1 FROM task INDEXED BY task_ready
        WHERE lane = ? AND state = 'pending' AND not_before IS NULL AND priority = ? AND rank >= ? AND rank <= ?
        LIMIT ${COUNTED_AT_MOST})`,
  );
  return (lane, priority, rank) => Number(count.get(lane, priority, startOf(blockOf(rank)), rank)?.["count"]);
}

function prepareWrite(db: DatabaseSync): (level: Level) => void {
  const set = db.prepare(
    "INSERT INTO backlog (lane, priority, block, count) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count",
  );
  const remove = db.prepare("DELETE FROM backlog WHERE lane = ? AND priority = ? AND block = ?");
  return ({ lane, priority, blocks, changed }) => {
    for (const block of changed) {
      const count = blocks.get(block);
      if (count === 0) {
        blocks.delete(block);
        remove.run(lane, priority, block);
      } else if (count !== undefined) set.run(lane, priority, block, count);
    }
    changed.clear();
  };
}

export function blockOf(rank: number): number {
  return Math.floor(rank / BLOCK_RANKS);
}

/** Its first rank. */
export function startOf(block: number): number {
  return block * BLOCK_RANKS;
}

function endOf(block: number): number {
  return startOf(block + 1) - 1;
}
