import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export interface LaunchOptions {
  /** Where stderr goes, and stdout when nobody reads its lines. */
  readonly log: string;
  readonly onLine?: (line: string) => void;
}

export interface RunningProcess {
  readonly pid: number;
  /** Resolves with the exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Throws with the end of the log when the process is gone. */
  assertRunning(): void;
  interrupt(): void;
  stop(): Promise<void>;
}

const live = new Set<ChildProcess>();
process.on("exit", killAll);
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

export function launch(command: string, args: readonly string[], options: LaunchOptions): RunningProcess {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, "a");
  const child = spawn(command, args, { stdio: ["ignore", options.onLine === undefined ? log : "pipe", log] });
  closeSync(log);
  live.add(child);
  if (child.stdout !== null && options.onLine !== undefined)
    createInterface(child.stdout).on("line", options.onLine);
  const exited = once(child, "close")
    .then(([code]) => code as number | null)
    .finally(() => live.delete(child));
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    exited,
    assertRunning() {
      if (isOver())
        throw new Error(`${command} has ended: ${readFileSync(options.log, "utf8").slice(-2000)}`);
    },
    interrupt: () => void child.kill("SIGINT"),
    async stop() {
      if (!isOver()) await end(child, exited);
    },
  };
}

/** Runs a command to its end; throws with what it said when it fails. */
export async function run(command: string, args: readonly string[], log: string): Promise<void> {
  const code = await launch(command, args, { log }).exited;
  if (code !== 0)
    throw new Error(
      `${command} ${args.join(" ")} failed (${code}): ${readFileSync(log, "utf8").slice(-2000)}`,
    );
}

export function livePids(): number[] {
  return [...live].flatMap((child) => child.pid ?? []);
}

/** Ends what a part that was given up has left running. */
export function killAll(): void {
  for (const child of live) child.kill("SIGKILL");
}

/** Resident memory of a process now, from /proc. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** A second signal tells a draining server to end at once; the kill is for one that does not listen. */
async function end(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  for (const [signal, patienceMs] of [
    ["SIGTERM", 1000],
    ["SIGTERM", 5000],
    ["SIGKILL", 10_000],
  ] as const) {
    child.kill(signal);
    const waiting = new AbortController();
    const over = await Promise.race([
      exited.then(() => true),
      sleep(patienceMs, false, { signal: waiting.signal }).catch(() => false),
    ]);
    waiting.abort();
    if (over) return;
  }
}
