// A copy of the program with one defect, to see that the check finds it.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Owner } from "../rig/gateway.ts";

export interface Mutation {
  /** Under the root of the checkout. */
  readonly file: string;
  /** Must match exactly once: a defect that is silently not there would make the test worthless. */
  readonly replace: RegExp;
  readonly by: string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Answers the root of the copy; it is removed when the owner is over. */
export async function makeMutant(owner: Owner, mutations: readonly Mutation[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "headgate-mutant-"));
  owner.after(() => rm(root, { recursive: true, force: true }));
  await cp(join(ROOT, "src"), join(root, "src"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(root, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
  for (const { file, replace, by } of mutations) {
    const path = join(root, file);
    const text = await readFile(path, "utf8");
    const matches = text.match(new RegExp(replace, "g"))?.length ?? 0;
    assert.equal(matches, 1, `${file} has ${matches} times what is to be replaced: ${replace}`);
    await writeFile(path, text.replace(replace, by));
  }
  return root;
}
