// Starting, watching and killing the processes that faults hit.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("child-load.ts", import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
  /** Resolves when so many lines have come, or the output has ended. */
  said(count: number): Promise<void>;
  /** Every line, once the process is gone. */
  ended(): Promise<string[]>;
}

/** `before` is a command that runs the process, such as strace. It does not outlive the test. */
export function startChild(
  t: TestContext,
  folder: string,
  bodyBytes: number,
  before: readonly string[] = [],
): Child {
  const [command, ...parameters] = [...before, process.execPath, PROGRAM, folder, String(bodyBytes)];
  const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit");
  const lines = createInterface(child.stdout);
  const heard: string[] = [];
  const closed = once(lines, "close");
  lines.on("line", (line) => heard.push(line));
  return {
    process: child,
    lines,
    async said(count) {
      while (heard.length < count) {
        if ((await Promise.race([once(lines, "line"), closed])).length === 0) return;
      }
    },
    async ended() {
      await Promise.all([exit, closed]);
      return heard;
    },
  };
}
