import { HeadgateError } from "../../lib/error.ts";

/**
 * Tasks waiting for their commit. Beyond this the disk cannot keep up, and it is more honest to say so than to let
 * bodies pile up in memory.
 */
const COMMITS_WAITING = 4_096;

/** Runs what accepts so many tasks, or refuses it because too many wait already. */
export type CommitQueue = <Result>(tasks: number, accept: () => Promise<Result>) => Promise<Result>;

export function createCommitQueue(): CommitQueue {
  let waiting = 0;
  return async (tasks, accept) => {
    if (waiting >= COMMITS_WAITING) {
      throw new HeadgateError("queue_full", "The disk is slower than the requests that arrive.", {
        retryAfterSeconds: 1,
      });
    }
    waiting += tasks;
    try {
      return await accept();
    } finally {
      waiting -= tasks;
    }
  };
}
