import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { nodeName } from "../../src/server/identity.ts";

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-test-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test("a node keeps its name over restarts", async (t) => {
  const folder = join(await newFolder(t), "made-when-missing");
  const name = await nodeName(folder);
  assert.match(name, /^[0-9a-f]{8}$/);
  assert.equal(await nodeName(folder), name);
});

test("a name that was cut short by a kill is replaced, once", async (t) => {
  const folder = await newFolder(t);
  for (const left of ["", "3fa", "\n"]) {
    await writeFile(join(folder, "node"), left);
    const name = await nodeName(folder);
    assert.equal((await readFile(join(folder, "node"), "utf8")).trim(), name);
    assert.equal(await nodeName(folder), name);
  }
});

test("in memory each life has its own name", async () => {
  assert.notEqual(await nodeName(null), await nodeName(null));
});
