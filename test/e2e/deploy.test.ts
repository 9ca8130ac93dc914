// What stands in deploy/: a backup of a running Headgate is whole and can be started; the unit and the files are right.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import { call, eventually, outcome, run as send, submit } from "../rig/client.ts";
import { startFlow } from "../rig/flow.ts";
import { prepareGateway, startGateway } from "../rig/gateway.ts";
import { missing, startProgram } from "../rig/service.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BACKUP = join(ROOT, "deploy/backup.sh");
const RESTORE = join(ROOT, "deploy/restore.sh");
const LARGE = 300_000;

interface Composed {
  readonly headgate: { readonly command: readonly string[]; readonly build: object };
  readonly service: { readonly image: string; readonly command: readonly string[] };
}

async function composed(): Promise<Composed> {
  const text = await readFile(join(ROOT, "deploy/compose.yaml"), "utf8");
  return (parse(text) as { readonly services: Composed }).services;
}

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-deploy-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test(
  "a backup made while tasks come and go is restored and goes on",
  { skip: missing("sqlite3") },
  async (t) => {
    const { gateway, url, targets } = await startFlow(
      t,
      1,
      (target) => `targets: {main: "${target}"}
routes:
  - {match: /held/**, target: main, name: held}
  - {match: /**, target: main, name: rest, queue: 1000}`,
    );
    const done = await submit(url, {
      path: "/a",
      body: "x".repeat(LARGE),
      headers: ["Authorization", "Basic s3cret"],
    });
    await outcome(url, done);
    await call(url, { method: "POST", path: "/lanes/held/pause" });
    const held = await submit(url, { path: "/held/x", body: "y".repeat(LARGE) });
    let isOver = false;
    const load = (async () => {
      while (!isOver) await submit(url, { path: "/busy", body: "z".repeat(100_000) });
    })();
    const folder = await temporary(t);
    const backup = await run("/bin/sh", [BACKUP, gateway.dataDir, folder]).finally(() => (isOver = true));
    await load;
    const made = backup.stdout.trim();
    assert.ok((await readdir(made)).every((name) => name !== "headgate.key"));
    const restored = join(folder, "restored");
    await run("/bin/sh", [RESTORE, made, restored]);
    await copyFile(join(gateway.dataDir, "headgate.key"), join(restored, "headgate.key"));
    const file = await readFile(join(gateway.dataDir, "headgate.yaml"), "utf8");
    const second = await startGateway(t, { file, dataDir: restored });
    assert.equal((await call(second.url, { path: `/task/${done}/result` })).status, 200);
    await call(second.url, { method: "POST", path: "/lanes/held/resume" });
    assert.equal((await outcome(second.url, held)).status, "completed");
    const sent = targets[0]!.seen.find(({ path }) => path === "/held/x");
    assert.ok(sent?.headers.includes(String(LARGE)));
  },
);

test(
  "neither script overwrites anything, and both say what is wrong",
  { skip: missing("sqlite3") },
  async (t) => {
    const folder = await temporary(t);
    await assert.rejects(run("/bin/sh", [BACKUP, folder, folder]), /no headgate\.db/);
    await assert.rejects(run("/bin/sh", [BACKUP]), /usage/);
    await assert.rejects(run("/bin/sh", [RESTORE, folder, folder]), /no headgate\.db/);
    const { gateway } = await startFlow(t, 1, (target) => `target: ${target}`);
    await assert.rejects(run("/bin/sh", [RESTORE, gateway.dataDir, gateway.dataDir]), /not empty/);
  },
);

test("systemd takes the unit", { skip: missing("systemd") }, async (t) => {
  const folder = await temporary(t);
  const unit = await readFile(join(ROOT, "deploy/headgate.service"), "utf8");
  const path = join(folder, "headgate.service");
  await writeFile(path, unit.replaceAll("/opt/headgate/", ROOT));
  const { stdout, stderr } = await run("systemd-analyze", ["verify", path]);
  assert.equal(stdout + stderr, "");
});

test("the compose file starts what the Dockerfile makes, with options that there are", async () => {
  const { command, build } = (await composed()).headgate;
  assert.deepEqual(build, { context: "..", dockerfile: "deploy/Dockerfile" });
  await run(join(ROOT, "bin/headgate"), ["check", ...command.slice(1)]);
  const dockerfile = await readFile(join(ROOT, "deploy/Dockerfile"), "utf8");
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    readonly devDependencies: { readonly node: string };
  };
  const images = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
  assert.deepEqual(new Set(images), new Set([devDependencies.node]));
  for (const [, from = ""] of dockerfile.matchAll(/^COPY (\w+) \1$/gm)) {
    assert.ok((await readdir(ROOT)).includes(from), from);
  }
});

test("the stand-in of the compose file answers what Headgate sends it", async (t) => {
  const { image, command } = (await composed()).service;
  const dockerfile = await readFile(join(ROOT, "deploy/Dockerfile"), "utf8");
  assert.ok(dockerfile.includes(`FROM ${image} AS build`), image);
  const [program, flag, code = ""] = command;
  assert.deepEqual([program, flag], ["node", "-e"]);
  const service = await startProgram(
    t,
    "service.js",
    (port) => code.replace("8000", String(port)),
    (file) => [process.execPath, file],
  );
  const { url } = await startGateway(t, { target: service.url });
  const { status, result } = await send(url, {
    method: "POST",
    path: "/api/report",
    headers: ["Content-Type", "application/json"],
    body: '{"month":"2026-02"}',
  });
  assert.deepEqual([status, result], ["completed", { month: "2026-02" }]);
});

test("the health check of the image finds a port and a prefix of one's own", async (t) => {
  const dockerfile = await readFile(join(ROOT, "deploy/Dockerfile"), "utf8");
  const [, text = ""] = /HEALTHCHECK .*\\\n\s+CMD (\[.*\])/.exec(dockerfile) ?? [];
  const [program, ...args] = JSON.parse(text) as readonly string[];
  assert.equal(program, "node");
  const gateway = await prepareGateway(t, {
    target: "http://127.0.0.1:1",
    args: ["--control-prefix", "/_headgate"],
  });
  gateway.spawn();
  // The banner comes when it is ready.
  await eventually(
    async () => gateway.output,
    (output) => output.includes("/_headgate/docs") || output.includes("not built"),
  );
  const check = (prefix: string): Promise<unknown> =>
    run(process.execPath, args, {
      env: { HEADGATE_LISTEN_PORT: gateway.url.port, HEADGATE_CONTROL_PREFIX: prefix },
    });
  await check("/_headgate");
  await assert.rejects(check(""));
});
