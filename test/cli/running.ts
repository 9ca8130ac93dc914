// Runs the real program in a process of its own.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const NODE = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
/** As bin/headgate has it: a start takes half the time. */
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/headgate", import.meta.url));
export const MAIN: string = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function headgate(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return ended(spawn(NODE, [MAIN, ...args], settings(environment)));
}

/** The same in a line of the shell, where `headgate` is the program. */
export async function shell(
  line: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const script = `headgate() { '${NODE}' '${MAIN}' "$@"; }; ${line}`;
  return ended(spawn("/bin/sh", ["-c", script], settings(environment)));
}

function settings(environment: Readonly<Record<string, string>>): {
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: ["ignore", "pipe", "pipe"];
} {
  return {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: CACHE, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  };
}

async function ended(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { code, stdout, stderr };
}
