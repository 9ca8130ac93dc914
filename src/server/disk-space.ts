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
  /** Whoever found no room while writing knows before the next check does. */
  noteFull(): void;
  check(): Promise<void>;
}

export interface DiskSpaceSettings {
  /** Where tasks and bodies are kept. */
  readonly folder: string;
  readonly minFreeBytes: number;
  /** Space that the store holds already and can fill again. */
  readonly reusableBytes: () => Promise<number>;
  readonly events: Emitter<TaskEvents>;
}

export function watchDiskSpace({
  folder,
  minFreeBytes,
  reusableBytes,
  events,
}: DiskSpaceSettings): DiskSpace {
  let isFull = false;

  function setFull(freeBytes: number | null): void {
    if (!isFull) events.emit("storage.full", { freeBytes });
    isFull = true;
  }

  events.on("task.refused", ({ code }) => {
    if (code === "storage_full") setFull(null);
  });
  return {
    refusal: () =>
      isFull
        ? new HeadgateError("storage_full", "The disk is full; no new task can be kept.", {
            retryAfterSeconds: 10,
          })
        : null,
    noteFull: () => setFull(null),
    async check() {
      const { bavail, bsize } = await statfs(folder);
      const freeBytes = bavail * bsize + (await reusableBytes());
      if (freeBytes < minFreeBytes) {
        setFull(freeBytes);
      } else if (isFull) {
        isFull = false;
        events.emit("storage.recovered", { freeBytes });
      }
    },
  };
}
