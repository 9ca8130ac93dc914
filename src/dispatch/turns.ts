import type { Capacity } from "../task/hold.ts";

/** Lanes that wait for a place at a pool, who has waited longest first. */
export interface Turns<Lane> {
  /** A lane found no place; one that waits already keeps its turn. */
  wait(pool: string, lane: Lane): void;
  /** It has got a place, or wants none any more. */
  leave(lane: Lane): void;
  /** Whose turn it is, of those who could use the place that there is; null when there is none for anybody. */
  next(pool: string): Lane | null;
}

export function createTurns<Lane extends object>(
  capacityOf: (pool: string) => Capacity,
  nameOf: (lane: Lane) => string,
): Turns<Lane> {
  const waiting = new Map<string, Set<Lane>>();
  const poolOf = new Map<Lane, string>();

  function leave(lane: Lane): void {
    const pool = poolOf.get(lane);
    if (pool === undefined) return;
    poolOf.delete(lane);
    const lanes = waiting.get(pool);
    lanes?.delete(lane);
    if (lanes?.size === 0) waiting.delete(pool);
  }

  return {
    wait(pool, lane) {
      if (poolOf.get(lane) === pool) return;
      leave(lane);
      poolOf.set(lane, pool);
      const lanes = waiting.get(pool) ?? new Set();
      waiting.set(pool, lanes.add(lane));
    },
    leave,
    next(pool) {
      const lanes = waiting.get(pool);
      const capacity = capacityOf(pool);
      if (lanes === undefined || !capacity.hasRoom()) return null;
      // Some may be asked by a target to leave it alone, which is no reason for others to wait.
      for (const lane of lanes) if (capacity.hold(nameOf(lane)) === null) return lane;
      return null;
    },
  };
}
