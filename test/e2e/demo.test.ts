// The demo as people start it: the tour shows what it says, and the trickle trickles.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Headgate } from "../../client/client.ts";
import { eventually } from "../rig/client.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/headgate", import.meta.url));

for (const locale of ["en", "zh"]) {
  test(`every step of the tour shows what it says (${locale})`, async () => {
    // It ends with 1 when a step does not.
    const args = ["demo", "--tour", "--fast", "--locale", locale];
    const { stdout, stderr } = await promisify(execFile)(PROGRAM, args, { timeout: 240_000 });
    assert.equal(stderr, "");
    assert.doesNotMatch(stdout, /undefined/);
    assert.ok((stdout.match(/^ +\$ curl/gm)?.length ?? 0) > 60);
    assert.match(stdout, locale === "zh" ? /以上就是全部功能/ : /That was everything/);
  });
}

test("the demo goes on by itself, and its address has the dashboard", async () => {
  const demo = spawn(PROGRAM, ["demo", "--for", "60s"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let output = "";
    demo.stdout.on("data", (piece: Buffer) => (output += piece.toString()));
    const address = await eventually(
      async () => /Dashboard +(http:\S+)\/dashboard/.exec(output)?.[1] ?? null,
      (found) => found !== null,
    );
    const headgate = new Headgate(String(address));
    await eventually(
      () => headgate.stats(),
      ({ totals }) => totals.accepted >= 3,
    );
    assert.equal((await fetch(`${address}/openapi.json`)).status, 200);
    const ended = once(demo, "exit");
    demo.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
    assert.match(output, /The demo has ended/);
  } finally {
    demo.kill("SIGKILL");
  }
});
