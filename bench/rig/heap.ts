import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./client.ts";

const probe = new URL("probe.ts", import.meta.url).href;

/** A command that runs a server so that its heap can be read. */
export function readable(file: string): readonly string[] {
  mkdirSync(dirname(file), { recursive: true });
  return ["env", `NODE_OPTIONS=--import=${probe}`, `PROBE_FILE=${file}`];
}

/** What the main thread of a server that runs `readable` holds once garbage is collected, buffers included. */
export async function heldBytes(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, "SIGWINCH");
  await until(async () => existsSync(file), 30_000, `heap of ${fileURLToPath(probe)}`);
  const { heapUsed, arrayBuffers } = JSON.parse(readFileSync(file, "utf8")) as NodeJS.MemoryUsage;
  return heapUsed + arrayBuffers;
}
