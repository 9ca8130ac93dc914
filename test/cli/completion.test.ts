import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, describe, test } from "node:test";
import { OPTIONS } from "../../src/config/options.ts";
import { missing } from "../rig/service.ts";
import { headgate } from "./running.ts";

const BASH = "/usr/bin/bash";

/** What bash offers for the last of these words. */
async function offered(script: string, ...words: readonly string[]): Promise<readonly string[]> {
  const program = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _headgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const child = spawn(BASH, ["--norc", "-eu", "-c", program, "bash", "headgate", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("completion in bash", () => {
  let script = "";
  before(async () => {
    const { code, stdout, stderr } = await headgate(["completion", "bash"]);
    assert.deepEqual([code, stderr], [0, ""]);
    script = stdout;
  });

  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["li"], ["list"]],
    [["ke"], ["key"]],
    [["key", "cr"], ["create"]],
    [["lane", "set", "x", "--max"], ["--max-concurrent"]],
    [
      ["list", "--status", ""],
      ["pending", "processing", "completed", "failed", "cancelled"],
    ],
    [["list", "--status", "f"], ["failed"]],
    [["list", "--status", "failed", "--li"], ["--limit"]],
    [["key", "create", "x", "--role", "o"], ["operate"]],
    [["webhook", "list", "--state", "d"], ["delivered"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    // A file, as the shell has it anyway.
    [["run", "-d", "x"], []],
    [["run", "--max"], ["--max-attempts"]],
  ];
  for (const [words, expected] of cases) {
    test(words.join(" "), async () =>
      assert.deepEqual((await offered(script, ...words)).toSorted(), expected.toSorted()),
    );
  }

  test("every option of serve", async () => {
    const flags = await offered(script, "serve", "--");
    for (const { name } of OPTIONS) assert.ok(flags.includes(`--${name}`), name);
  });

  test("also loaded as the shell does it", async () => {
    const child = spawn(BASH, ["--norc", "-c", `${script}\ncomplete -p headgate`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.match(await text(child.stdout), /-F _headgate headgate/);
  });
});

test("before any command, the options of serve, which may be left unnamed", async () => {
  const { stdout } = await headgate(["completion", "bash"]);
  assert.deepEqual(await offered(stdout, "--target-h"), ["--target-host"]);
});

test("fish completes commands, flags and values", { skip: missing("fish") }, async () => {
  const { stdout: script } = await headgate(["completion", "fish"]);
  const lines = ["headgate ru", "headgate list --status c", "headgate lane p", "headgate --target-h"];
  const asked = lines.map((line) => `complete -C '${line}'`).join("\n");
  const child = spawn("/usr/bin/fish", ["--no-config", "-c", `${script}\n${asked}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const words = (await text(child.stdout)).trimEnd().split("\n");
  assert.deepEqual(
    words.map((line) => line.split("\t")[0]),
    ["run", "cancelled", "completed", "pause", "--target-host"],
  );
});

test("zsh completes at the first Tab, loaded from fpath", { skip: missing("zsh") }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-zsh-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "_headgate"), (await headgate(["completion", "zsh"])).stdout);
  await writeFile(join(folder, "headgate"), "#!/bin/sh\n", { mode: 0o755 });
  // Another zsh sits at a terminal, and each wait is for what it shows.
  const session = `
zmodload zsh/zpty
zpty z 'TERM=dumb PS1="ready> " zsh -f -i'
zpty -w z 'path=(${folder} $path); fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -D; echo be"gin"'
zpty -r z shown '*begin*ready> '
zpty -w -n z $'headgate ru\t'
zpty -r z shown '*headgate run *'
zpty -w -n z $'-q --pri\t'
zpty -r z shown '*--priority*'
print -r -- done`;
  const child = spawn("/usr/bin/zsh", ["-f", "-c", session], {
    stdio: ["ignore", "pipe", "inherit"],
    signal: AbortSignal.any([t.signal, AbortSignal.timeout(30_000)]),
  });
  assert.equal(await text(child.stdout), "done\n");
});

test("zsh and fish know the same commands", async () => {
  const [zsh, fish] = await Promise.all([headgate(["completion", "zsh"]), headgate(["completion", "fish"])]);
  assert.match(zsh.stdout, /^#compdef headgate\n.*bashcompinit/);
  assert.match(zsh.stdout, /"list --status"\)/);
  assert.match(fish.stdout, /^complete -c headgate .* -a serve /m);
  assert.match(fish.stdout, /__fish_seen_subcommand_from list' -l status -x -a 'pending processing/);
});

test("another shell is refused", async () => {
  const { code, stderr } = await headgate(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /bash, zsh, fish/);
});
