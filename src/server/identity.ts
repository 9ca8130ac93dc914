import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The name of this node, kept beside its data: after a restart it knows which leases are its own from an earlier life,
 * and which `Via` entries mean that a request has come round in a circle.
 */
export async function nodeName(folder: string | null): Promise<string> {
  if (folder === null) return newName();
  const path = join(folder, "node");
  try {
    return (await readFile(path, "utf8")).trim() || newName();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = newName();
    await writeFile(path, `${name}\n`);
    return name;
  }
}

function newName(): string {
  return randomUUID().slice(0, 8);
}
