import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

/**
 * The name of this node, kept beside its data: after a restart it knows which leases are its own from an earlier life,
 * and which `Via` entries mean that a request has come round in a circle.
 */
export async function nodeName(folder: string | null): Promise<string> {
  if (folder === null) return newName();
  const kept = await readName(join(folder, "node"));
  if (kept !== null) return kept;
  const name = newName();
  await keepName(folder, name);
  return name;
}

const NAME = /^[0-9a-f]{8}$/;

function newName(): string {
  return randomUUID().slice(0, 8);
}

/** Null for none, and for what a crash made of it: a name that goes into `Via` has to be one. */
async function readName(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, "utf8")).trim();
    return NAME.test(text) ? text : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

/** Whole and on disk before the first lease bears it: a node that forgot its name waits for its own leases to end. */
async function keepName(folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = join(folder, "node.new");
  await using file = await open(aside, "w", 0o600);
  await file.writeFile(`${name}\n`);
  await file.sync();
  await rename(aside, join(folder, "node"));
  await using entries = await open(folder, "r");
  await entries.sync();
}
