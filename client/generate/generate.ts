// Writes ../schema.ts from the document that this checkout's program serves: `npm run generate --prefix client/generate`.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import openapiTypescript, { astToString } from "openapi-typescript";

const ROOT = new URL("../../", import.meta.url);

const text = await readDocument();
const ast = await openapiTypescript(JSON.parse(text), { immutable: true, alphabetize: true });
const sha256 = createHash("sha256").update(text).digest("hex");
writeFileSync(
  new URL("../schema.ts", import.meta.url),
  `// Generated from the OpenAPI document by client/generate; do not edit.\n// sha256 of the document: ${sha256}\n\n${astToString(ast)}`,
);

async function readDocument(): Promise<string> {
  const server = spawn(
    new URL("bin/headgate", ROOT).pathname,
    [
      "serve",
      "--target-host=127.0.0.1",
      "--listen-host=127.0.0.1",
      "--listen-port=0",
      "--store=memory",
      "--log-format=json",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  try {
    for await (const line of createInterface({ input: server.stderr })) {
      const port = /listens on .*:(\d+)$/.exec(line)?.[1];
      if (port === undefined) continue;
      const answer = await fetch(`http://127.0.0.1:${port}/openapi.json`);
      return await answer.text();
    }
    throw new Error("The program ended before it listened.");
  } finally {
    server.kill();
    await once(server, "exit");
  }
}
