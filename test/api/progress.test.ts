import assert from "node:assert/strict";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import type { ProgressRouteSettings } from "../../src/api/progress.ts";
import { createProgressTokens } from "../../src/task/progress-token.ts";
import { type Control, openControl, UNKNOWN_ID } from "./control.ts";

const tokens = createProgressTokens(Buffer.alloc(32, 7));

const { attemptOf } = tokens;

/** The API whose reports go to the store, one at a time. */
async function open(t: Parameters<typeof openControl>[0], more: Partial<ProgressRouteSettings> = {}) {
  const control: Control = await openControl(t, {
    attemptOf,
    async report(id, attempt, said) {
      const isWritten = await control.store.progress.write(id, attempt, {
        ...said,
        at: control.clock.now(),
      });
      return isWritten === null ? "unknown" : isWritten ? "kept" : "over";
    },
    ...more,
  });
  return control;
}

function put(id: string, payload: unknown, token = tokens.issue(id, 1)): InjectOptions {
  return {
    method: "PUT",
    url: `/task/${id}/progress`,
    headers: { "content-type": "application/json", "headgate-progress-token": token },
    payload: JSON.stringify(payload),
  };
}

test("what a target says is in the task, in lists, and changes its tag", async (t) => {
  const { app, submit, claim } = await open(t);
  const id = await submit();
  await claim();
  const before = await app.inject(`/task/${id}`);
  assert.equal(before.json().progress, null);
  const answer = await app.inject(put(id, { percent: 62.5, message: "page 31 of 50" }));
  assert.deepEqual([answer.statusCode, answer.body], [204, ""]);
  const after = await app.inject({
    url: `/task/${id}`,
    headers: { "if-none-match": String(before.headers["etag"]) },
  });
  assert.equal(after.statusCode, 200);
  const { at, ...said } = after.json().progress;
  assert.deepEqual(said, { percent: 62.5, message: "page 31 of 50" });
  assert.match(at, /^\d{4}-.*Z$/);
  assert.deepEqual((await app.inject("/tasks")).json().tasks[0].progress, { at, ...said });
});

test("percent or message alone will do, and a percentage may go back", async (t) => {
  const { app, submit, claim } = await open(t);
  const id = await submit();
  await claim();
  for (const said of [{ percent: 100 }, { percent: 0 }, { message: "" }, { percent: null, message: "m" }]) {
    assert.equal((await app.inject(put(id, said))).statusCode, 204);
    const { at: _, ...progress } = (await app.inject(`/task/${id}`)).json().progress;
    assert.deepEqual(progress, { percent: null, message: null, ...said });
  }
});

test("one report of many is answered before it is kept", async (t) => {
  const { app, submit } = await open(t, { report: async () => "taken" });
  assert.equal((await app.inject(put(await submit(), { percent: 1 }))).statusCode, 202);
});

test("the token is the proof: without it, with another's, with an attempt's that is over", async (t) => {
  const { app, submit, claim, answered } = await open(t);
  const id = await submit();
  const other = await submit();
  await claim();
  const missing = put(id, { percent: 1 });
  delete missing.headers!["headgate-progress-token"];
  const ended = await answered({});
  for (const [request, status, code] of [
    [missing, 403, "forbidden"],
    [put(id, { percent: 1 }, tokens.issue(other, 1)), 403, "forbidden"],
    [put(id, { percent: 1 }, "1.nonsense"), 403, "forbidden"],
    [put(UNKNOWN_ID, { percent: 1 }, tokens.issue(id, 1)), 403, "forbidden"],
    [put(UNKNOWN_ID, { percent: 1 }), 404, "not_found"],
    [put(id, { percent: 1 }, tokens.issue(id, 2)), 409, "conflict"],
    [put(ended, { percent: 1 }), 409, "conflict"],
  ] as const) {
    const answer = await app.inject(request);
    assert.deepEqual([answer.statusCode, answer.json().code], [status, code]);
  }
  assert.equal((await app.inject(`/task/${id}`)).json().progress, null);
});

test("it needs no key", async (t) => {
  const { app, submit, claim } = await open(t);
  const id = await submit({ client: "somebody" });
  await claim();
  assert.equal((await app.inject(put(id, { percent: 1 }))).statusCode, 204);
});

test("what is malformed is refused by name", async (t) => {
  const { app, submit, claim } = await open(t);
  const id = await submit();
  await claim();
  for (const [payload, field] of [
    [{ percent: -1 }, "percent"],
    [{ percent: 100.1 }, "percent"],
    [{ percent: "50" }, "percent"],
    [{ message: "x".repeat(501) }, "message"],
    [{ message: 7 }, "message"],
    [{ percent: 1, pecent: 2 }, "pecent"],
    [{}, undefined],
    [{ percent: null }, undefined],
    [[], undefined],
  ] as const) {
    const answer = await app.inject(put(id, payload));
    assert.deepEqual([answer.statusCode, answer.json().field], [400, field], JSON.stringify(payload));
  }
  const text = { ...put(id, {}), headers: { "content-type": "text/plain" }, payload: "50" };
  assert.equal((await app.inject(text)).statusCode, 415);
  assert.equal((await app.inject(`/task/${id}`)).json().progress, null);
});
