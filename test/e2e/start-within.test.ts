// Who would be started too late is told so at once, not when it is too late.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Behaviour, echo } from "../rig/behaviour.ts";
import { type Answer, call, type ProblemView, run, stats, submit } from "../rig/client.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

const WORK_MS = 2_000;

/**
 * What is waited for in the line: more than one piece of work on a busy machine, and less than the line of them. Its tasks
 * are not to be given up while the test runs.
 */
const WITHIN = "40s";
const IN_LINE = 60;

/** A service that needs this long, which is what the pace is measured by. */
const laborious: Behaviour = async (given) => {
  await delay(WORK_MS);
  await echo(given);
};

test("a line that is longer than the time to start: 503 now, with the time after which it would do", async (t) => {
  const target = await startTarget();
  t.after(() => target.close());
  const { url } = await startGateway(t, { target: target.url, args: ["--max-concurrent", "1"] });
  const ask = (...headers: readonly string[]): Promise<Answer> =>
    call(url, { method: "POST", path: "/ok", headers: ["Headgate-Start-Within", WITHIN, ...headers] });

  assert.equal((await ask()).status, 202, "nothing was measured yet");
  target.next(laborious);
  await run(url, { path: "/ok" });
  const before = target.seen.length;
  await submit(url, { path: "/slow" });
  await target.received(before + 1);
  for (let i = 0; i < IN_LINE; i++) await submit(url, { path: "/ok" });

  const refused = await ask();
  assert.equal(refused.status, 503, refused.text);
  const problem = refused.json<ProblemView>();
  assert.equal(problem.code, "start_within_unmet");
  const retryAfter = Number(refused.headers["retry-after"]);
  assert.ok(retryAfter >= 1 && retryAfter <= (IN_LINE * WORK_MS) / 1_000, `${retryAfter}`);
  assert.equal((await ask("Headgate-Priority", "9")).status, 202, "it does not wait behind all of them");
  assert.equal((await ask("Headgate-Client", "other")).status, 202, "nor does one whose turn comes soon");
  assert.equal((await ask("Headgate-Delay", "1h")).status, 202, "nobody knows the line of that hour");
  const patient = await call(url, { method: "POST", path: "/ok", headers: ["Headgate-Start-Within", "1h"] });
  assert.equal(patient.status, 202);
  assert.equal((await stats(url)).tasks.pending, IN_LINE + 4);
});
