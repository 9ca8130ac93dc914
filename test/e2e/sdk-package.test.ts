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

/** Each `@ts-expect-error` is a mistake that the types must find. */
const USE = `
import { type Delivery, Headgate, headgateFetch, type Key, type TaskView, type WaitOptions } from "@headgate/client";

const headgate = new Headgate("http://localhost:8080");
const options: WaitOptions = { onProgress: ({ percent }) => console.log(percent?.toFixed(0)) };
const task: TaskView = await headgate.run("/x", { json: {}, ...options });
console.log(task.error?.message);
for await (const event of headgate.task(task.task_id).events()) {
  if (event.type === "final") console.log(event.data.attempts[0]?.target);
}
const fetched: typeof fetch = headgateFetch("http://localhost:8080");
const keys: readonly Key[] = await headgate.keys();
const sent: readonly Delivery[] = (await headgate.webhooks.deliveries({ state: "failed" })).deliveries;
console.log(fetched, keys, sent);
// @ts-expect-error
await headgate.submit("/x", { prio: 3 });
// @ts-expect-error
console.log(task.statuss);
`;

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

  test("it has its licence, and types that a strict project can use", async () => {
    const project = await install();
    assert.match(await readFile(join(project, "node_modules/@headgate/client/LICENSE"), "utf8"), /^MIT/);
    await writeFile(join(project, "package.json"), '{"type": "module"}');
    await writeFile(join(project, "use.ts"), USE);
    const flags = [
      "--strict",
      "--noEmit",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--lib",
      "es2023,dom",
    ];
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    // What the compiler finds is said on standard output.
    await run(tsc, [...flags, "--ignoreConfig", "use.ts"], { cwd: project }).catch(
      ({ stdout }: { stdout: string }) => assert.fail(stdout),
    );
  });

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
