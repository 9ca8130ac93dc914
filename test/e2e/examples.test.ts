// Every example of the documentation, done as a reader would: the file, the program, the commands.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { agrees, examplesIn } from "../rig/examples.ts";
import { startGateway } from "../rig/gateway.ts";
import { missing } from "../rig/service.ts";
import { startTarget } from "../rig/target.ts";

const PAGES = [
  "docs/flow.md",
  "docs/watching.md",
  "docs/secrets.md",
  "docs/observability.md",
  "docs/alerts.md",
  "docs/cli.md",
  "docs/batches.md",
];

for (const path of PAGES) {
  const page = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
  describe(path, { skip: missing("jq") }, () => {
    for (const { title, file, steps } of examplesIn(page)) {
      test(title, async (t) => {
        let text = file;
        // Every service that the example names is there, on a port of its own.
        for (const origin of new Set(file.match(/http:\/\/[\w.]+:\d+/g))) {
          const target = await startTarget();
          t.after(() => target.close());
          text = text.replaceAll(origin, target.url.origin);
        }
        const gateway = await startGateway(t, { file: text });
        for (const { command, output } of steps) {
          const printed = await shell(command.replaceAll("localhost:8080", gateway.url.host), gateway.url);
          assert.ok(agrees(printed, output), `$ ${command}\n${printed}\nthe page says\n${output}`);
        }
      });
    }
  });
}

const BIN = fileURLToPath(new URL("../../bin", import.meta.url));

/** `headgate` is installed there, and knows where the server is. */
async function shell(command: string, url: URL): Promise<string> {
  const child = spawn("/bin/sh", ["-c", command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${BIN}:${process.env["PATH"]}`, HEADGATE_URL: url.origin },
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await once(child, "close");
  return printed;
}
