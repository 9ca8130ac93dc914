import assert from "node:assert/strict";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nodeName } from "../../src/server/identity.ts";

const NAME = /^[0-9a-f]{8}$/;

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-identity-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test("a node keeps its name, and a folder its own", async (t) => {
  const folder = join(await folderFor(t), "data");
  const name = await nodeName(folder);
  assert.match(name, NAME);
  assert.equal(await nodeName(folder), name);
  assert.notEqual(await nodeName(await folderFor(t)), name);
  assert.deepEqual(await readdir(folder), ["node"]);
});

test("without a folder every node has another name", async () => {
  assert.match(await nodeName(null), NAME);
  assert.notEqual(await nodeName(null), await nodeName(null));
});

for (const [what, content] of [
  ["empty", ""],
  ["blank", "\n"],
  ["half a name", "0123"],
  ["zeros", "\0\0\0\0\0\0\0\0"],
  ["no name", "a name, with\r\nVia: 1.1 evil"],
] as const) {
  test(`a name file that is ${what} is replaced, once`, async (t) => {
    const folder = await folderFor(t);
    await writeFile(join(folder, "node"), content);
    const name = await nodeName(folder);
    assert.match(name, NAME);
    assert.equal(await readFile(join(folder, "node"), "utf8"), `${name}\n`);
    assert.equal(await nodeName(folder), name);
  });
}

test("what a killed process left aside is in nobody's way", async (t) => {
  const folder = await folderFor(t);
  await writeFile(join(folder, "node.new"), "0123456789abcdef0123");
  const name = await nodeName(folder);
  assert.equal(await readFile(join(folder, "node"), "utf8"), `${name}\n`);
  assert.deepEqual(await readdir(folder), ["node"]);
});

test("a name is synced, under its place too, before it is used", async (t) => {
  const folder = await folderFor(t);
  const probe = await open(folder);
  await using _ = probe;
  const handles = Object.getPrototypeOf(probe) as { sync(): Promise<void> };
  const { sync } = handles;
  const synced: (readonly string[])[] = [];
  t.mock.method(handles, "sync", async function (this: typeof handles): Promise<void> {
    synced.push(await readdir(folder));
    await sync.call(this);
  });
  await nodeName(folder);
  assert.deepEqual(synced, [["node.new"], ["node"]]);
  await nodeName(folder);
  assert.equal(synced.length, 2);
});
