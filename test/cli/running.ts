// Runs the real program in a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
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
  /** For a while nothing is read, as `| less` does. */
  { readAfterMs = 0 }: { readonly readAfterMs?: number } = {},
): Promise<Ended> {
  const child = spawn(NODE, [MAIN, ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: CACHE, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  await setTimeout(readAfterMs);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}
