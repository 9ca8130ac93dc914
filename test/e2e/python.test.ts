// The Python SDK's own tests, which start the real program and stand a service behind it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { missing, PYTHON } from "../rig/service.ts";

const PACKAGE = fileURLToPath(new URL("../../clients/python", import.meta.url));

test("clients/python", { skip: missing("pytest"), timeout: 280_000 }, async (t) => {
  const child = spawn(PYTHON, ["-m", "pytest", "-q", "-rs", "--color=no"], {
    cwd: PACKAGE,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    signal: t.signal,
    // Which Python takes as an exception: its tests end what they have started.
    killSignal: "SIGINT",
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, said);
  t.diagnostic(said.trim().split("\n").slice(-1).join());
});
