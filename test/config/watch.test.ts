// Real files and a virtual clock: what the folder tells comes when it comes, the time to settle when the test says so.

import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { type ConfigWatch, watchConfig } from "../../src/config/watch.ts";
import { createManualClock, type ManualClock } from "../lib/manual-clock.ts";

interface Following {
  readonly folder: string;
  readonly path: string;
  readonly watch: ConfigWatch;
  /** What was done so far: `http://a/` was put into force, a number of problems was told, an error happened. */
  readonly seen: readonly (string | number)[];
  /** Lets time pass until there is so much to be seen. */
  until(length: number): Promise<void>;
  readonly clock: ManualClock;
  /** Resolves when the folder has told something, which is looked at later. */
  told(): Promise<void>;
  /** The same, and all that follows of it is done. */
  quiet(): Promise<void>;
}

const MANY_TURNS = 10_000;

function follow(t: TestContext, prepare: (folder: string) => void = writeFirst): Following {
  const folder = mkdtempSync(join(tmpdir(), "headgate-watch-"));
  prepare(folder);
  const path = join(folder, "headgate.yaml");
  const clock = createManualClock();
  const seen: (string | number)[] = [];
  const watch = watchConfig({
    path,
    load: () =>
      loadConfig({ flags: new Map([["config", path]]), environment: {}, cwd: folder, terminal: false }),
    apply: async ({ config }) => {
      const url = config.pools[0]!.targets[0]!.url.href;
      if (url === "http://broken/") throw new Error("broken");
      seen.push(url);
    },
    onRejected: (problems) => seen.push(problems.length),
    onUnwatched: (error) => seen.push(`unwatched: ${error.message}`),
    onError: (error) => seen.push(error.message),
    clock,
  });
  t.after(() => {
    watch.stop();
    rmSync(folder, { recursive: true });
  });
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
  async function told(): Promise<void> {
    for (let turns = 0; clock.timers === 0 && turns < MANY_TURNS; turns++) await turn();
    assert.equal(clock.timers, 1, "the folder told nothing");
  }

  return {
    folder,
    path,
    watch,
    seen,
    async until(length) {
      for (let turns = 0; seen.length < length && turns < MANY_TURNS; turns++) {
        clock.advance(100);
        await turn();
      }
      assert.equal(seen.length, length, JSON.stringify(seen));
    },
    clock,
    told,
    async quiet() {
      await told();
      while (clock.timers > 0) clock.advance(100);
      await turn();
    },
  };
}

function writeFirst(folder: string): void {
  writeFileSync(join(folder, "headgate.yaml"), "target: http://first\n");
}

test("a file that is written is loaded, once; one that is only touched is not", async (t) => {
  const { path, seen, until, quiet } = follow(t);
  writeFileSync(path, "target: http://second\n");
  await until(1);
  utimesSync(path, 1, 1);
  await quiet();
  writeFileSync(path, "target: http://second\n");
  await quiet();
  writeFileSync(path, "target: http://third\n");
  await until(2);
  assert.deepEqual(seen, ["http://second/", "http://third/"]);
});

test("so is one that is put in its place, as editors do", async (t) => {
  const { folder, path, seen, until } = follow(t);
  for (const name of ["second", "third"]) {
    writeFileSync(join(folder, "4913"), `target: http://${name}\n`);
    renameSync(join(folder, "4913"), path);
    await until(seen.length + 1);
  }
  assert.deepEqual(seen, ["http://second/", "http://third/"]);
});

test("and one behind links that are replaced, as Kubernetes does", async (t) => {
  const write = (folder: string, version: string): void => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "headgate.yaml"), `target: http://${version}\n`);
    symlinkSync(version, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  const { folder, path, seen, until } = follow(t, (folder) => {
    write(folder, "first");
    symlinkSync("..data/headgate.yaml", join(folder, "headgate.yaml"));
  });
  write(folder, "second");
  await until(1);
  rmSync(join(folder, "first"), { recursive: true });
  write(folder, "third");
  await until(2);
  // In place, in the folder that it is a link to now.
  writeFileSync(join(folder, "third", "headgate.yaml"), "target: http://fourth\n");
  await until(3);
  assert.deepEqual(seen, ["http://second/", "http://third/", "http://fourth/"]);
  assert.equal(readFileSync(path, "utf8"), "target: http://fourth\n");
});

test("a bad file is told and nothing else; so is one that is gone; the next good one is loaded", async (t) => {
  const { path, seen, until } = follow(t);
  writeFileSync(path, "target: ftp://x\nstore: disk\n");
  await until(1);
  rmSync(path);
  await until(2);
  writeFileSync(path, "target: http://second\n");
  await until(3);
  assert.deepEqual(seen, [2, 1, "http://second/"]);
});

test("what is half written when it is looked at is not loaded", async (t) => {
  const { path, seen, clock, told, until } = follow(t);
  writeFileSync(path, "target: http://sec\n");
  await told();
  clock.advance(100);
  writeFileSync(path, "target: http://second\n");
  clock.advance(100);
  assert.equal(clock.timers, 1, "it is looked at again, as it went on changing");
  await until(1);
  assert.deepEqual(seen, ["http://second/"]);
});

test("reload reads it again, changed or not, and says when that is done", async (t) => {
  const { path, watch, seen } = follow(t);
  await watch.reload();
  assert.deepEqual(seen, ["http://first/"]);
  writeFileSync(path, "nonsense\n");
  await watch.reload();
  writeFileSync(path, "target: http://broken\n");
  await watch.reload();
  writeFileSync(path, "target: http://second\n");
  await Promise.all([watch.reload(), watch.reload()]);
  assert.deepEqual(seen, ["http://first/", 1, "broken", "http://second/", "http://second/"]);
});

test("after stop nothing is loaded", async (t) => {
  const { path, watch, seen } = follow(t);
  watch.stop();
  writeFileSync(path, "target: http://second\n");
  await watch.reload();
  assert.deepEqual(seen, []);
});

test("a folder that cannot be watched is told, and reload works all the same", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-watch-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const seen: string[] = [];
  const path = join(folder, "missing", "headgate.yaml");
  const watch = watchConfig({
    path,
    load: () =>
      loadConfig({ flags: new Map([["target", "http://t"]]), environment: {}, cwd: "/", terminal: false }),
    apply: async () => void seen.push("applied"),
    onRejected: () => seen.push("rejected"),
    onUnwatched: (error) => seen.push((error as NodeJS.ErrnoException).code ?? ""),
    onError: assert.fail,
    clock: createManualClock(),
  });
  await watch.reload();
  watch.stop();
  assert.deepEqual(seen, ["ENOENT", "applied"]);
});
