// The TypeScript SDK as the package that others install, by the examples of its README.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startFlow } from "../rig/flow.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describe("the package", () => {
  const folders: string[] = [];
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  /** Compiles and packs it, and installs it into an empty project, as its users do. */
  async function install(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "headgate-sdk-"));
    folders.push(folder);
    const copy = join(folder, "client");
    await cp(join(ROOT, "client"), copy, {
      recursive: true,
      filter: (path) => !/(?:node_modules|dist)$/.test(path),
    });
    await cp(join(ROOT, "tsconfig.json"), join(folder, "tsconfig.json"));
    const bin = join(ROOT, "node_modules/.bin");
    await run(join(bin, "tsc"), ["-p", copy]);
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: copy });
    const target = join(folder, "project/node_modules/@headgate/client");
    await mkdir(target, { recursive: true });
    await run("tar", ["-xzf", join(folder, stdout.trim()), "-C", target, "--strip-components=1"]);
    return join(folder, "project");
  }

  test("every example of its README runs, on an old Node, too", async (t) => {
    const project = await install();
    const { url } = await startFlow(t, 1, (target) => `target: ${target}`);
    const readme = await readFile(join(ROOT, "client/README.md"), "utf8");
    const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => String(code));
    assert.equal(examples.length, 6);
    const systems = await run("/usr/bin/env", [
      "-i",
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "which",
      "node",
    ]).then(
      ({ stdout }) => stdout.trim(),
      () => process.execPath,
    );
    for (const [index, code] of examples.entries()) {
      const file = join(project, `example-${index}.mjs`);
      await writeFile(file, code.replaceAll("http://localhost:8080", url.origin));
      const { stdout } = await run(systems, [file], { timeout: 100_000 });
      assert.match(stdout, /completed|200|\{/, code);
    }
  });
});
