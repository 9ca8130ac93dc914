// A disk that is soon full, without filling a real one: a tmpfs of its own for each test.

import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { newFolder } from "./folders.ts";

export interface SmallDisk {
  readonly folder: string;
  /** Takes all room but so many bytes. */
  fill(leaveBytes: number): void;
  /** Gives it back. */
  free(): void;
}

/** Skips the test where mounting is not permitted. */
export async function withSmallDisk(
  t: TestContext,
  sizeBytes: number,
  run: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const folder = newFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    t.skip(`a small disk cannot be mounted here: ${String(error).split("\n")[1] ?? "no mount"}`);
    return;
  }
  const filler = join(folder, "filler");
  try {
    await run({
      folder,
      fill(leaveBytes) {
        const { bavail, bsize } = statfsSync(folder);
        const file = openSync(filler, "w");
        writeSync(file, new Uint8Array(Math.max(0, bavail * bsize - leaveBytes)));
        closeSync(file);
      },
      free() {
        const file = openSync(filler, "r+");
        ftruncateSync(file, 0);
        closeSync(file);
        rmSync(filler);
      },
    });
  } finally {
    execFileSync("umount", [folder]);
  }
}
