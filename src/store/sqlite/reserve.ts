import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Room kept on the disk for finishing: when nothing is left, it is given away, so that running attempts can still be
 * settled and tasks cancelled, and no new task is accepted until the room is there again.
 */
export interface Reserve {
  /** Gives the room away. */
  spend(): void;
  /** Whether it is given away and cannot be taken back yet. */
  isSpent(): boolean;
}

/** Lets a full WAL be folded back, which makes room for thousands of transitions. */
const RESERVE_BYTES = 8 * 1024 * 1024;

export function openReserve(folder: string): Reserve {
  const path = join(folder, "reserve");
  // A disk that is too small for one does without.
  let state: "none" | "held" | "spent" = take() ? "held" : "none";

  function take(): boolean {
    try {
      if (statSync(path, { throwIfNoEntry: false })?.size === RESERVE_BYTES) return true;
      if (freeBytes(folder) < 2 * RESERVE_BYTES) return false;
      // Zeros would take no room where files are compressed.
      writeFileSync(path, randomBytes(RESERVE_BYTES), { mode: 0o600 });
      return true;
    } catch {
      rmSync(path, { force: true });
      return false;
    }
  }

  return {
    spend() {
      if (state !== "held") return;
      state = "spent";
      rmSync(path, { force: true });
    },
    isSpent() {
      if (state === "spent" && take()) state = "held";
      return state === "spent";
    },
  };
}

export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
