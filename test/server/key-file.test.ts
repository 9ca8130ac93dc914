import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type KeyFileSettings, openKeyFile } from "../../src/server/key-file.ts";

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-key-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function derived(settings: KeyFileSettings, label = "test"): Promise<string> {
  return (await openKeyFile(settings))(label).toString("hex");
}

test("the key is made once, for its owner alone, and gives the same keys ever after", async (t) => {
  const folder = join(await folderFor(t), "data");
  const first = await derived({ folder, path: null });
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.equal(await derived({ folder, path: null }), first);
  const path = join(folder, "headgate.key");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal(Buffer.from(await readFile(path, "utf8"), "base64").length, 32);
  assert.deepEqual((await readdir(folder)).toSorted(), ["headgate.key", "key-mark"]);
});

test("each purpose has a key of its own, and none is the one that is kept", async (t) => {
  const folder = await folderFor(t);
  const one = await derived({ folder, path: null }, "one");
  assert.notEqual(one, await derived({ folder, path: null }, "two"));
  const kept = Buffer.from(await readFile(join(folder, "headgate.key"), "utf8"), "base64");
  assert.notEqual(kept.toString("hex"), one);
});

test("without a folder every process has another key", async () => {
  const nowhere = { folder: null, path: null };
  assert.notEqual(await derived(nowhere), await derived(nowhere));
});

test("nodes that start at once over one key file agree on the key", async (t) => {
  const shared = await folderFor(t);
  const path = join(shared, "keys", "headgate.key");
  const folders = await Promise.all(Array.from({ length: 8 }, () => folderFor(t)));
  const keys = await Promise.all(folders.map((folder) => derived({ folder, path })));
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(await readdir(join(shared, "keys")), ["headgate.key"]);
});

test("a data folder whose key is missing is not opened with a new one", async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, "headgate.key");
  const first = await derived({ folder, path: null });
  const away = join(await folderFor(t), "away.key");
  await rename(path, away);
  await assert.rejects(openKeyFile({ folder, path: null }), {
    code: "storage_failed",
    message: /is missing/,
  });
  assert.deepEqual(await readdir(folder), ["key-mark"]);
  assert.equal(await derived({ folder, path: away }), first);
});

test("a data folder is not opened with another key", async (t) => {
  const folder = await folderFor(t);
  await openKeyFile({ folder, path: null });
  const path = join(await folderFor(t), "other.key");
  await writeFile(path, Buffer.alloc(32, 7).toString("base64"));
  await assert.rejects(openKeyFile({ folder, path }), { code: "storage_failed", message: /is not the key/ });
});

for (const [what, content] of [
  ["empty", ""],
  ["too short", Buffer.alloc(31).toString("base64")],
  ["no base64", "a password that somebody typed in here!"],
] as const) {
  test(`a key file that is ${what} is an error and stays as it is`, async (t) => {
    const folder = await folderFor(t);
    const path = join(folder, "headgate.key");
    await writeFile(path, content);
    await assert.rejects(openKeyFile({ folder, path: null }), { message: /holds no key/ });
    assert.equal(await readFile(path, "utf8"), content);
  });
}
