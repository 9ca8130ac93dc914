import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningSubject, StartOptions, Subject } from "./subject.ts";
import { flagList, queueSize, startServer } from "./subject.ts";

export interface HeadgateOptions extends StartOptions {
  /** Flags of the part that starts it. */
  readonly flags?: Readonly<Record<string, string>>;
  /** What the configuration file says; its targets and routes take the place of the one target. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** A command to run it under, such as strace; it must become the process, not its parent. */
  readonly under?: readonly string[];
}

// BENCH_ENTRY names the entry of another checkout, to compare two states of the code.
export const headgateEntry: string =
  process.env["BENCH_ENTRY"] ?? fileURLToPath(new URL("../../bin/headgate", import.meta.url));

export const headgate: Subject = {
  key: "headgate",
  label: "Headgate",
  endToEndTasks: 60_000,
  start: startHeadgate,
};

export function startHeadgate(options: HeadgateOptions): Promise<RunningSubject> {
  return startServer(options.folder, "/readyz", (port) => {
    const flags = {
      ...(options.file === undefined
        ? { target: options.targetUrl }
        : { config: writeFile(options.folder, options.file) }),
      "listen-host": "127.0.0.1",
      "listen-port": port,
      "max-concurrent": options.concurrency,
      "num-workers": options.concurrency,
      "max-queue-size": queueSize,
      "data-dir": join(options.folder, "data"),
      "log-level": "warn",
      // A part may end while a request hangs at the target on purpose.
      "drain-timeout": "1s",
      ...options.flags,
    };
    return [...(options.under ?? []), headgateEntry, "serve", ...flagList(flags)];
  });
}

/** As JSON, which is YAML as well. */
function writeFile(folder: string, file: Readonly<Record<string, unknown>>): string {
  const path = join(folder, "headgate.yaml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, JSON.stringify(file, null, 2));
  return path;
}

export function isHeadgateHere(): boolean {
  return existsSync(headgateEntry);
}
