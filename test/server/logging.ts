// A log that writes to a real file, the lines it wrote, and a clock for its timers.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Logger } from "pino";
import type { Config } from "../../src/config/config.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createLog, flushLog } from "../../src/server/log.ts";

export interface FileLog {
  readonly log: Logger;
  /** Everything logged so far. */
  readonly text: () => Promise<string>;
  readonly lines: () => Promise<readonly Record<string, unknown>[]>;
}

export function createFileLog(
  context: TestContext,
  logLevel: Config["logLevel"],
  logFormat: Config["logFormat"] = "json",
): FileLog {
  const folder = mkdtempSync(join(tmpdir(), "headgate-log-"));
  const path = join(folder, "log");
  const fd = openSync(path, "w");
  const log = createLog({ logLevel, logFormat }, fd);
  const text = async (): Promise<string> => {
    await flushLog(log);
    return readFileSync(path, "utf8");
  };
  context.after(async () => {
    await flushLog(log);
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  return {
    log,
    text,
    lines: async () =>
      (await text())
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
  };
}

export interface Timers {
  readonly clock: Clock;
  readonly pending: (() => void)[];
}

/** A clock whose timers fire when the test says so. */
export function createTimers(): Timers {
  const pending: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonicMs: () => 0,
    after(_, run) {
      pending.push(run);
      return () => pending.splice(pending.indexOf(run), 1);
    },
  };
  return { clock, pending };
}
