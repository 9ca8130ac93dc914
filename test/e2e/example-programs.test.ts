// Every program of examples/, run as its reader would: by the command at its top, before real services.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { call, eventually, outcome, submit } from "../rig/client.ts";
import { startDoor } from "../rig/door.ts";
import { commandOf, type Program, startProgram } from "../rig/example-program.ts";
import { type Owner, startGateway } from "../rig/gateway.ts";
import { missing } from "../rig/service.ts";
import { listen } from "../rig/sse.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXAMPLES = `${ROOT}examples/`;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

/** A program that listens, on a port of its own. */
async function listening(owner: Owner, path: string): Promise<{ program: Program; url: string }> {
  const program = startProgram(owner, path, { PORT: "0" });
  const [url] = await program.printed(ADDRESS);
  return { program, url };
}

/** Of what waits, nothing is sent while the lane is paused. */
async function hold(url: URL, how: "pause" | "resume"): Promise<void> {
  assert.equal((await call(url, { method: "POST", path: `/lanes/default/${how}` })).status, 200);
}

const PYTHON = missing("pytest");

describe("clients", () => {
  const CLIENTS: readonly (readonly [path: string, skip: string | false, ...said: readonly RegExp[]])[] = [
    [
      "curl/report.sh",
      missing("jq"),
      /^accepted: [0-9a-f-]{36}\n(?:event: \w+\n)+/,
      /event: progress\n[^]*event: final\n/,
      /"status":"completed","duration_seconds":[\d.]+,"attempts":1\}/,
      /\{"month":"2026-02","pages":5\}\n\{"pages":1\}\n$/,
    ],
    [
      "typescript/report.ts",
      false,
      /^accepted: [0-9a-f-]{36}, number 1 in the line\n/,
      /\n20 %: page 1 of 5\n[^]*100 %: page 5 of 5\n/,
      /completed after [\d.]+ s: \{ month: '2026-02', pages: 5 \}\n200 \{ pages: 1 \}\n$/,
    ],
    [
      "python/report.py",
      PYTHON,
      /^accepted: [0-9a-f-]{36}, number 1 in the line\n/,
      /\n20 %: page 1 of 5\n[^]*100 %: page 5 of 5\n/,
      /completed after [\d.]+ s: \{'month': '2026-02', 'pages': 5\}\n$/,
    ],
    [
      "python/many_reports.py",
      PYTHON,
      /^(?:2026-\d\d completed \{'month': '2026-\d\d', 'pages': 2\}\n){12}/,
      /at most \d+ at once; completed so far: \d+\n$/,
    ],
  ];
  for (const [path, skip, ...said] of CLIENTS) {
    test(path, { skip }, async (t) => {
      const { url: target } = await listening(t, "target-node/service.ts");
      const { url } = await startGateway(t, { target });
      const door = await startDoor(t, url);
      // Who follows a task is there before it begins.
      const isFollowed = said.some(({ source }) => /page 1|event:/.test(source));
      if (isFollowed) await hold(url, "pause");
      const program = startProgram(t, path, { HEADGATE_URL: door.url.origin });
      if (isFollowed) {
        await door.answering(/\/events$/);
        await hold(url, "resume");
      }
      assert.equal(await program.ended, 0, program.output);
      for (const words of said) assert.match(program.output, words);
    });
  }
});

describe("services that report progress", () => {
  const SERVICES: readonly (readonly [path: string, skip: string | false])[] = [
    ["target-node/service.ts", false],
    ["target-express/service.mjs", false],
    ["target-fastapi/service.py", missing("fastapi") || PYTHON],
  ];
  for (const [path, skip] of SERVICES) {
    test(path, { skip }, async (t) => {
      const { program, url: target } = await listening(t, path);
      const { url } = await startGateway(t, { target });
      const ask = (body: string): Promise<string> =>
        submit(url, { path: "/api/report", headers: ["Content-Type", "application/json"], body });
      const all = await listen(url, "/events?types=task");
      await hold(url, "pause");
      const id = await ask('{"month":"2026-03","pages":4}');
      const own = await listen(url, `/task/${id}/events`);
      await hold(url, "resume");
      await own.ended;
      await all.until(({ event }) => event === "final");
      all.cut();
      // The stream of all tells everything, that of a task how far it is now: on a busy machine it may leave out what is over.
      const [everything, latest] = [all, own].map(({ events }) =>
        events.flatMap(({ event, data }) => (event === "progress" ? [String(data.message)] : [])),
      );
      const pages = [1, 2, 3, 4].map((page) => `page ${page} of 4`);
      assert.deepEqual(everything, pages);
      assert.deepEqual(
        latest,
        pages.filter((page) => latest?.includes(page)),
      );
      assert.equal(latest?.at(-1), pages.at(-1));
      const { status, result } = await outcome(url, id);
      assert.deepEqual([status, result], ["completed", { month: "2026-03", pages: 4 }]);
      // Without Headgate it is the same service.
      const direct = await fetch(`${target}/api/report`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"pages":1}',
      });
      assert.equal(((await direct.json()) as { pages: number }).pages, 1);
      // And it stops when nobody waits any more.
      const long = await ask('{"pages":1000}');
      await eventually(
        () => call(url, { path: `/task/${long}` }),
        (answer) => answer.json<{ progress: object | null }>().progress !== null,
      );
      assert.equal((await call(url, { method: "POST", path: `/task/${long}/cancel` })).status, 200);
      await program.printed(/stopped: nobody waits/);
    });
  }
});

describe("receivers of webhooks", () => {
  const RECEIVERS: readonly (readonly [path: string, skip: string | false])[] = [
    ["webhook-receiver/receiver.ts", false],
    ["webhook-receiver/receiver.py", PYTHON],
  ];
  for (const [path, skip] of RECEIVERS) {
    test(path, { skip }, async (t) => {
      const { program, url: receiver } = await listening(t, path);
      const service = await listening(t, "target-node/service.ts");
      const file = readFileSync(`${EXAMPLES}webhook-receiver/headgate.yaml`, "utf8")
        .replace("http://127.0.0.1:8000", service.url)
        .replace("http://127.0.0.1:9000", receiver);
      const { url } = await startGateway(t, { file });
      const id = await submit(url, { path: "/api/report", body: '{"pages":1}' });
      const said = new RegExp(`task\\.completed: /api/report, its answer is at (/task/${id}/result)`);
      const [, result] = await program.printed(said);
      assert.deepEqual((await call(url, { path: String(result) })).json<object>(), { pages: 1 });
      const forged = await fetch(receiver, {
        method: "POST",
        headers: { "webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA" },
        body: '{"type":"task.completed","data":{}}',
      });
      assert.equal(forged.status, 400);
      await program.printed(/refused: not signed by Headgate/);
    });
  }
});

test("every program is run here, and named in the README", () => {
  const here = readFileSync(fileURLToPath(import.meta.url), "utf8");
  const readme = readFileSync(`${EXAMPLES}README.md`, "utf8");
  const programs = globSync("*/*.{sh,ts,mjs,py,yaml}", { cwd: EXAMPLES });
  assert.ok(programs.length >= 9);
  for (const path of programs) {
    assert.ok(here.includes(path), `${path} is run by no test`);
    assert.ok(readme.includes(`](${path})`), `${path} is not in the README`);
  }
});

test("the README starts what is there, as it is started", async () => {
  const readme = readFileSync(`${EXAMPLES}README.md`, "utf8");
  const [service, headgate, client, ...more] = [...readme.matchAll(/```sh\n(.*?)\n```/gs)].map(
    ([, code]) => code,
  );
  assert.deepEqual(
    [service, client, more],
    [commandOf("target-node/service.ts"), commandOf("curl/report.sh"), []],
  );
  for (const command of [headgate, commandOf("webhook-receiver/headgate.yaml")]) {
    const [program, ...args] = String(command).split(" ");
    assert.equal(program, "./start.sh");
    // Fails for what the command line or the file has wrong.
    await promisify(execFile)(`${ROOT}bin/headgate`, ["check", ...args], { cwd: ROOT });
  }
});
