// What ./start.sh and ./test.sh do with a node_modules that is a link, as in a second worktree: nothing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/install.sh", import.meta.url));
const LOCK = { name: "x", lockfileVersion: 3, packages: { "": { name: "x" } } };

/** A checkout that names no dependencies, so that npm has nothing to fetch; its two node_modules are links. */
async function checkout(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "headgate-install-"));
  t.after(() => rm(root, { recursive: true }));
  for (const folder of ["", "dashboard"]) {
    const theirs = join(root, "theirs", folder, ".bin");
    await mkdir(theirs, { recursive: true });
    await writeFile(join(theirs, "kept"), "#!/bin/sh\necho built >index.html\n", { mode: 0o755 });
    const place = join(root, "own", folder);
    await mkdir(place, { recursive: true });
    await symlink(join(theirs, ".."), join(place, "node_modules"));
    await writeFile(join(place, "package.json"), JSON.stringify({ name: "x", scripts: { build: "kept" } }));
    await writeFile(join(place, "package-lock.json"), JSON.stringify(LOCK));
  }
  return root;
}

async function run(root: string, what: string): Promise<readonly [code: unknown, stderr: string]> {
  const child = spawn("/bin/sh", ["-c", '. "$0" && "$1" "$2"', SCRIPT, what, join(root, "own")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return [code, stderr];
}

const isKept = async (root: string, folder: string): Promise<boolean> =>
  (await readFile(join(root, "theirs", folder, ".bin/kept"), "utf8")).startsWith("#!");

test("what a link names is used as it is, and stays", async (t) => {
  const root = await checkout(t);
  await symlink(process.execPath, join(root, "theirs/.bin/node"));
  for (const [what, folder] of [
    ["install_dependencies", ""],
    ["build_dashboard", "dashboard"],
  ] as const) {
    const [code, stderr] = await run(root, what);
    assert.ok(await isKept(root, folder), what);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /node_modules is a link: what it names is used as it is/);
    assert.doesNotMatch(stderr, /WARNING/);
  }
  assert.equal(await readFile(join(root, "own/dashboard/index.html"), "utf8"), "built\n");
});

test("a link to what has no Node is told, and stays", async (t) => {
  const root = await checkout(t);
  const [code, stderr] = await run(root, "install_dependencies");
  assert.ok(await isKept(root, ""));
  assert.equal(code, 1);
  assert.match(
    stderr,
    /the pinned Node is not there\. Install where the link leads, or remove the link\.\n$/,
  );
});
