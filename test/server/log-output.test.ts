import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLogOutput } from "../../src/server/log-output.ts";

const NODE = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
const LOG = new URL("../../src/server/log.ts", import.meta.url).href;

const flushed = (output: ReturnType<typeof createLogOutput>): Promise<void> =>
  new Promise((resolve) => output.flush(resolve));

/** The start of a program that logs to its standard output. */
const program = (body: string): string[] => [
  "--input-type=module",
  "--eval",
  `import { createLog, flushLog } from ${JSON.stringify(LOG)};
   const log = createLog({ logLevel: "info", logFormat: "json" });
   ${body}`,
];

test("lines come out in order, however they are batched", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-output-"));
  const fd = openSync(join(folder, "log"), "w");
  try {
    const output = createLogOutput(fd, () => assert.fail("nothing is lost"));
    const expected: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (let line = 0; line < 2_000; line++) expected.push(`${round} ${line} ${"ü".repeat(line % 50)}`);
      for (const line of expected.slice(-2_000)) output.write(`${line}\n`);
      if (round % 2 === 0) await flushed(output);
    }
    output.flushSync();
    await flushed(output);
    assert.deepEqual(readFileSync(join(folder, "log"), "utf8").trimEnd().split("\n"), expected);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});

test("no room: lines are dropped and counted, and it goes on when there is room again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-output-"));
  const fd = openSync("/dev/full", "w");
  try {
    const lost: number[] = [];
    const output = createLogOutput(fd, (lines) => lost.push(lines));
    output.write("one\n");
    output.write("two\n");
    await flushed(output);
    output.flushSync();
    // Another file takes the number of the descriptor: now there is room.
    closeSync(fd);
    assert.equal(openSync(join(folder, "log"), "w"), fd);
    output.write("three\n");
    await flushed(output);
    assert.deepEqual(lost, [2]);
    assert.equal(readFileSync(join(folder, "log"), "utf8"), "three\n");
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});

test("what was logged last is written when the process exits", async () => {
  const child = spawn(
    NODE,
    program('for (let i = 0; i < 3000; i++) log.info({ i }, "line"); process.exit(7);'),
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [written, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(code, 7);
  assert.equal(written.trimEnd().split("\n").length, 3_000);
  assert.equal(JSON.parse(written.trimEnd().split("\n").at(-1)!).i, 2_999);
});

test("a full disk does not keep the process from exiting", async () => {
  const full = openSync("/dev/full", "w");
  try {
    const body = 'log.info("line"); await flushLog(log); log.info("line"); process.exit(7);';
    const child = spawn(NODE, program(body), { stdio: ["ignore", full, "inherit"], timeout: 55_000 });
    const [code] = await once(child, "exit");
    assert.equal(code, 7);
  } finally {
    closeSync(full);
  }
});

describe("a reader that stands still does not keep the process from exiting, nor its memory growing", () => {
  const body = `const line = "x".repeat(10_000);
    for (let i = 0; i < 10_000; i++) log.info({ line }, "line");
    await flushLog(log);
    log.info("line");
    process.stderr.write(String(process.memoryUsage().rss));
    process.exit(7);`;
  const kinds: Record<string, [string, readonly string[]]> = {
    socket: [NODE, program(body)],
    // The shell's `read` takes the first line and waits; `$?` is that of the program.
    pipe: [
      "bash",
      ["-c", '{ "$@"; echo " $?" >&2; } | { read -r; read -r <&3; }', "bash", NODE, ...program(body)],
    ],
  };
  for (const [kind, [command, args]] of Object.entries(kinds)) {
    test(`a ${kind}`, { timeout: 55_000 }, async () => {
      const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe", "pipe"] });
      const { stderr } = child;
      assert.ok(stderr !== null);
      const ended = once(child, "exit");
      let told = "";
      stderr.setEncoding("utf8").on("data", (chunk: string) => (told += chunk));
      if (kind === "pipe") {
        while (!told.endsWith("\n")) await once(stderr, "data");
        child.stdio[3]?.destroy();
        await ended;
        assert.match(told, / 7\n$/);
      } else {
        assert.deepEqual(await ended, [7, null]);
      }
      assert.ok(Number.parseInt(told, 10) < 250e6, `${told} bytes`);
    });
  }
});

test("a reader that went away does not end the process", async () => {
  const body = `process.stdin.once("data", async () => {
      log.info("line");
      await flushLog(log);
      process.exit(7);
    });
    process.stderr.write("ready");`;
  const child = spawn(NODE, program(body), { stdio: ["pipe", "pipe", "pipe"], timeout: 55_000 });
  const ended = once(child, "exit");
  await once(child.stderr, "data");
  child.stdout.destroy();
  await once(child.stdout, "close");
  child.stdin.end("go");
  assert.deepEqual(await ended, [7, null]);
});
