import { statfs } from "node:fs/promises";
import type { Emitter } from "../lib/emitter.ts";
import { HeadgateError } from "../lib/error.ts";
import type { TaskEvents } from "../task/event.ts";

/**
 * Whether there is room for new tasks. Intake stops well before the disk is full, so that what was accepted can still be
 * settled and cancelled, and opens again by itself.
 */
export interface DiskSpace {
  /** Why nothing may be accepted now; null when there is room. */
  refusal(): HeadgateError | null;
  check(): Promise<void>;
}

/** `folder` is null when tasks are kept in memory. */
export function watchDiskSpace(
  folder: string | null,
  minFreeBytes: number,
  events: Emitter<TaskEvents>,
): DiskSpace {
  let isFull = false;
  events.on("storage.full", () => (isFull = true));
  // Whoever found no room while writing knows before the next check does.
  events.on("task.refused", ({ code }) => {
    if (code === "storage_full" && !isFull) events.emit("storage.full", { freeBytes: null });
  });
  return {
    refusal: () =>
      isFull
        ? new HeadgateError("storage_full", "The disk is full; no new task can be kept.", {
            retryAfterSeconds: 10,
          })
        : null,
    async check() {
      if (folder === null) return;
      const { bavail, bsize } = await statfs(folder);
      const freeBytes = bavail * bsize;
      if (freeBytes < minFreeBytes) {
        if (!isFull) events.emit("storage.full", { freeBytes });
      } else if (isFull) {
        isFull = false;
        events.emit("storage.recovered", { freeBytes });
      }
    },
  };
}
