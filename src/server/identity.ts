import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

const NAME = /^[0-9a-f]{8}$/;

/**
 * The name of this node, kept beside its data: after a restart it knows which leases are its own from an earlier life,
 * and which `Via` entries mean that a request has come round in a circle.
 */
export async function nodeName(folder: string | null): Promise<string> {
  if (folder === null) return newName();
  const path = join(folder, "node");
  const known = (await readIfThere(path)).trim();
  if (NAME.test(known)) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return keepName(newName(), folder, path);
}

/** Written aside and synced before it has its name: a process that is killed leaves a whole name or none. */
async function keepName(name: string, folder: string, path: string): Promise<string> {
  const aside = `${path}.part`;
  await using file = await open(aside, "w", 0o600);
  await file.writeFile(`${name}\n`);
  await file.sync();
  await rename(aside, path);
  await using names = await open(folder, "r");
  await names.sync();
  return name;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function newName(): string {
  return randomUUID().slice(0, 8);
}
