/**
 * Remembers at which limit the target refused. Growing back to it at once would be refused again and again, and every
 * refusal costs a task one of its attempts. So the limit stays below for a while, as TCP stays near the window at which
 * it lost (CUBIC, RFC 9438 4.1), then tries once; a target that refuses there again is left alone for twice as long.
 */
export interface Ceiling {
  /** The highest limit that may be tried now. */
  highest(): number;
  /** The target refused at this limit. */
  refused(limit: number): void;
  /** It bore this limit for a window. */
  borne(limit: number): void;
}

/**
 * In windows. The shortest is short because some targets refuse for reasons that have nothing to do with the limit, and
 * then every refusal would hold it down.
 */
const SHORTEST_PATIENCE = 2;
const LONGEST_PATIENCE = 64;

export function createCeiling(): Ceiling {
  let refusedAt = Infinity;
  let patience = SHORTEST_PATIENCE;
  let left = 0;

  return {
    highest: () => (left > 0 ? refusedAt - 1 : refusedAt),
    refused(limit) {
      const isConfirmed = limit >= refusedAt;
      // Below the ceiling it should have been borne: the target has changed, or refuses whatever the limit.
      const isRefuted = !isConfirmed && refusedAt < Infinity;
      patience = isConfirmed ? Math.min(LONGEST_PATIENCE, patience * 2) : SHORTEST_PATIENCE;
      left = isRefuted ? 0 : patience;
      // One at a time is never too many.
      refusedAt = isRefuted ? Infinity : Math.max(2, limit);
    },
    borne(limit) {
      if (left > 0) left -= 1;
      else if (limit >= refusedAt) refusedAt = Infinity;
    },
  };
}
