import assert from "node:assert/strict";
import { test } from "node:test";
import { openControl, VIEW_OPTIONS } from "./control.ts";

const broken = (): Promise<never> => Promise.reject(new Error("the disk hangs"));

test("the service names itself and its paths, under its prefix", async (t) => {
  const { app } = await openControl(t, {
    viewOptions: { ...VIEW_OPTIONS, controlPrefix: "/_headgate" },
  });
  for (const accept of ["application/json", "*/*"]) {
    const body = (await app.inject({ url: "/", headers: { accept } })).json<Record<string, unknown>>();
    assert.deepEqual([body["success"], body["service"], body["version"]], [true, "headgate", "1.2.3"]);
    for (const link of Object.values(body["links"] as object)) {
      assert.ok(String(link).startsWith("/_headgate/"));
      assert.notEqual(
        // Streams of events have no end.
        (await app.inject({ method: "HEAD", url: String(link).slice("/_headgate".length) })).statusCode,
        404,
        String(link),
      );
    }
  }
});

test("a browser is sent to the dashboard", async (t) => {
  const { app } = await openControl(t, {
    viewOptions: { ...VIEW_OPTIONS, controlPrefix: "/_headgate" },
  });
  const answer = await app.inject({ url: "/", headers: { accept: "text/html,*/*;q=0.8" } });
  assert.deepEqual([answer.statusCode, answer.headers.location], [302, "/_headgate/dashboard"]);
});

test("the probes do not need the store", async (t) => {
  let reason: string | null = null;
  const { app } = await openControl(t, {
    find: broken,
    tally: broken,
    list: broken,
    readiness: () => reason,
  });
  assert.deepEqual((await app.inject("/healthz")).json(), { success: true, status: "ok" });
  assert.deepEqual((await app.inject("/readyz")).json(), { success: true, status: "ready" });
  reason = "Stopping.";
  assert.equal((await app.inject("/healthz")).statusCode, 200);
  const answer = await app.inject("/readyz");
  assert.equal(answer.statusCode, 503);
  const { code, message } = answer.json<{ code: string; message: string }>();
  assert.deepEqual([code, message], ["not_ready", "Stopping."]);
});
