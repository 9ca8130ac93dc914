// What exactly holds a task, and until when.

import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "../rig/behaviour.ts";
import { call, eventually, look, submit, type TaskView } from "../rig/client.ts";
import { startFlow, targetsOf } from "../rig/flow.ts";

type WaitingFor = TaskView["waiting_for"];

test("every hold is named", async (t) => {
  const { targets, url } = await startFlow(
    t,
    4,
    (a, broken, unhealthy, small) => `
targets:
  broken: { urls: [${broken}], circuit: { failures: 1, open: 1m } }
  unhealthy: { urls: [${unhealthy}], health: { path: /status/500, interval: 100ms, unhealthy_after: 1 } }
  small: { urls: [{ url: ${small}, max_concurrent: 1 }] }
routes:
  - { match: /slow/limit, target: ${a}, name: limit, max_concurrent: 1 }
  - { match: /ok/rate, target: ${a}, name: rate, rate: 1/h }
  - { match: /ok/paused, target: ${a}, name: paused }
  - { match: /ok/free, target: ${a}, name: free }
  - { match: /ok/retry, target: ${a}, name: retry, retry: { attempts: 3, backoff: { initial: 1m, max: 1m, jitter: none } } }
  - { match: /ok/broken, target: broken, name: broken }
  - { match: /ok/unhealthy, target: unhealthy, name: unhealthy }
  - { match: /slow/small, target: small, name: small, max_concurrent: 5 }
`,
  );
  const [plain, broken, , small] = targets;
  const expectHold = async (id: string, reason: string | null): Promise<WaitingFor> =>
    (
      await eventually(
        () => look(url, id),
        ({ waiting_for }) => (waiting_for?.reason ?? null) === reason,
      )
    ).waiting_for;
  const untilMs = (hold: WaitingFor): number => Date.parse(hold!.until!) - Date.now();

  await submit(url, { path: "/slow/limit" });
  await plain!.received(1);
  assert.equal((await expectHold(await submit(url, { path: "/slow/limit" }), "lane_limit"))!.until, null);

  await submit(url, { path: "/ok/rate" });
  await plain!.received(2);
  const rated = untilMs(await expectHold(await submit(url, { path: "/ok/rate" }), "rate"));
  assert.ok(rated > 3_500_000 && rated <= 3_600_000, String(rated));

  await call(url, { method: "POST", path: "/lanes/paused/pause" });
  await expectHold(await submit(url, { path: "/ok/paused" }), "paused");

  const delayed = await submit(url, { path: "/ok/free", headers: ["Headgate-Delay", "1h"] });
  assert.ok(untilMs(await expectHold(delayed, "not_before")) > 3_500_000);

  plain!.next(status(503));
  const retried = await submit(url, { path: "/ok/retry" });
  const backoff = untilMs(await expectHold(retried, "retry_backoff"));
  assert.ok(backoff > 50_000 && backoff <= 60_000, String(backoff));

  broken!.next(status(502));
  await submit(url, { path: "/ok/broken" });
  await eventually(
    () => targetsOf(url),
    (all) => all.some(({ pool, circuit }) => pool === "broken" && circuit.state === "open"),
  );
  const open = untilMs(await expectHold(await submit(url, { path: "/ok/broken" }), "circuit_open"));
  assert.ok(open > 30_000, String(open));

  await eventually(
    () => targetsOf(url),
    (all) => all.some(({ pool, healthy }) => pool === "unhealthy" && healthy === false),
  );
  await expectHold(await submit(url, { path: "/ok/unhealthy" }), "no_healthy_target");

  await submit(url, { path: "/slow/small" });
  await small!.received(1);
  await expectHold(await submit(url, { path: "/slow/small" }), "target_limit");

  const list = (await call(url, { path: "/tasks?status=pending&limit=100" })).json<{ tasks: TaskView[] }>();
  const reasons = new Set(list.tasks.map(({ waiting_for }) => String(waiting_for?.reason)));
  assert.deepEqual(
    [...reasons].toSorted((a, b) => a.localeCompare(b)),
    [
      "circuit_open",
      "lane_limit",
      "no_healthy_target",
      "not_before",
      "paused",
      "rate",
      "retry_backoff",
      "target_limit",
    ],
  );
  plain!.release();
  small!.release();
});
