import { HeadgateError } from "../lib/error.ts";

/**
 * Bodies that may be on their way at once: each holds memory and maybe a file, however slowly it comes. One lane may have
 * half of them, so that slow uploads to one keep nobody out of another.
 */
const AT_ONCE = 1_000;
const OF_ONE_LANE = 500;

export interface Uploads {
  /** A body begins to arrive; the answer is to be called when it ends. Throws `queue_full` when too many do. */
  begin(lane: string): () => void;
}

export function createUploads(): Uploads {
  const byLane = new Map<string, number>();
  let all = 0;

  return {
    begin(lane) {
      const own = byLane.get(lane) ?? 0;
      if (all >= AT_ONCE || own >= OF_ONE_LANE) {
        throw new HeadgateError(
          "queue_full",
          `${Math.max(own, all)} request bodies are on their way at once.`,
          {
            retryAfterSeconds: 1,
          },
        );
      }
      all += 1;
      byLane.set(lane, own + 1);
      return () => {
        all -= 1;
        const left = (byLane.get(lane) ?? 1) - 1;
        if (left === 0) byLane.delete(lane);
        else byLane.set(lane, left);
      };
    },
  };
}
