import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import type { Hold } from "../../src/task/hold.ts";
import { listen, openControl, UNKNOWN_ID, VIEW_OPTIONS } from "./control.ts";

interface TaskBody {
  readonly status: string;
  readonly position: number | null;
  readonly waiting_for: unknown;
  readonly result: unknown;
  readonly response: { readonly headers: Record<string, unknown> };
}

test("a task from acceptance to its answer", async (t) => {
  const { app, submit, answered } = await openControl(t);
  const first = await submit({ priority: 9 });
  const second = await submit();
  const waiting = (await app.inject(`/task/${second}`)).json<TaskBody>();
  assert.deepEqual([waiting.status, waiting.position], ["pending", 2]);
  assert.equal((await app.inject(`/task/${first}`)).json<TaskBody>().position, 1);

  const done = await answered({ headers: ["Content-Type", "application/json"], body: '{"text":"hello"}' });
  const answer = await app.inject(`/task/${done.toUpperCase()}`);
  assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
  const { status, result, response } = answer.json<TaskBody>();
  assert.deepEqual([status, result], ["completed", { text: "hello" }]);
  assert.deepEqual(response, {
    status: 200,
    headers: { "content-type": "application/json" },
    size_bytes: 16,
  });
  assert.equal((await app.inject(`/task/${second}`)).json<TaskBody>().status, "processing");
});

test("a large answer is left to the result", async (t) => {
  const { app, answered } = await openControl(t);
  const id = await answered({ headers: ["Content-Type", "text/plain"], body: "x".repeat(100_000) });
  const { result, response } = (await app.inject(`/task/${id}`)).json<
    TaskBody & { response: { size_bytes: number } }
  >();
  assert.deepEqual([result, response.size_bytes], [null, 100_000]);
});

test("HEAD is GET without the body", async (t) => {
  const { app, answered } = await openControl(t);
  const url = `/task/${await answered({ body: "x" })}`;
  const [head, get] = [await app.inject({ method: "HEAD", url }), await app.inject(url)];
  assert.deepEqual([head.statusCode, head.body], [200, ""]);
  assert.deepEqual(
    [head.headers["content-length"], head.headers.etag],
    [get.headers["content-length"], get.headers.etag],
  );
});

test("a tag stands until the task moves", async (t) => {
  const { app, submit, claim } = await openControl(t);
  const url = `/task/${await submit()}`;
  const tag = (await app.inject(url)).headers.etag as string;
  const ask = (ifNoneMatch: string) => app.inject({ url, headers: { "if-none-match": ifNoneMatch } });
  for (const same of [tag, tag.replace("W/", ""), `"other", ${tag}`, "*"]) {
    const { statusCode, body, headers } = await ask(same);
    assert.deepEqual([statusCode, body, headers.etag], [304, "", tag], same);
  }
  assert.equal((await ask('"other"')).statusCode, 200);
  const seen = new Set([tag]);
  for (const move of [() => submit({ priority: 9 }), claim]) {
    await move();
    const moved = await ask([...seen].join());
    assert.equal(moved.statusCode, 200);
    seen.add(moved.headers.etag as string);
  }
  assert.equal(seen.size, 3);
});

test("a tag is another when something else holds the task", async (t) => {
  let hold: Hold | null = null;
  const { app, submit } = await openControl(t, { viewOptions: { ...VIEW_OPTIONS, holdOf: () => hold } });
  const url = `/task/${await submit()}`;
  const look = async () => {
    const { headers, json } = await app.inject(url);
    return [headers.etag as string, json<TaskBody>().waiting_for] as const;
  };
  const [tag, nothing] = await look();
  assert.equal(nothing, null);
  hold = { kind: "paused", until: null };
  const [pausedTag, paused] = await look();
  assert.deepEqual(paused, { reason: "paused", until: null });
  hold = { kind: "circuit_open", until: 60_000 };
  const [openTag, open] = await look();
  assert.deepEqual(open, { reason: "circuit_open", until: "1970-01-01T00:01:00.000Z" });
  hold = { kind: "circuit_open", until: 60_001 };
  assert.equal((await look())[0], openTag, "a moment more is nothing new");
  hold = { kind: "circuit_open", until: 90_000 };
  assert.equal(new Set([tag, pausedTag, openTag, (await look())[0]]).size, 4);
});

test("a poll reads the store twice at most", async (t) => {
  const reads: string[] = [];
  const { store, ...control } = await openControl(t);
  const { app } = await openControl(t, {
    find: (id) => (reads.push("find"), store.find(id)),
    response: (id) => (reads.push("response"), store.response(id)),
  });
  const [pending, failed] = [await control.submit(), await control.failed("dns_error", "connect_failed")];
  const done = await control.answered({ body: "x" });
  for (const [id, expected] of [
    [pending, ["find"]],
    [failed, ["find"]],
    [done, ["find", "response"]],
  ] as const) {
    reads.length = 0;
    assert.equal((await app.inject(`/task/${id}`)).statusCode, 200);
    assert.deepEqual(reads, expected);
  }
});

test("wait answers when the task ends", async (t) => {
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<readonly [string, number]>();
  const { app, submit, store, clock } = await openControl(t, {
    waitUntilFinal: (id, timeoutMs) => {
      begun.resolve([id, timeoutMs]);
      return { over: ended.promise, leave() {} };
    },
  });
  const id = await submit();
  const answer = app.inject(`/task/${id}?wait=1.5`).then((each) => each);
  assert.deepEqual(await begun.promise, [id, 1_500]);
  await store.cancel(id, clock.now());
  ended.resolve();
  assert.equal((await answer).json<TaskBody>().status, "cancelled");
});

test("who waits for what has ended, or never was, does not wait", async (t) => {
  const left: string[] = [];
  const { app, answered } = await openControl(t, {
    waitUntilFinal: (id) => ({ over: new Promise(() => {}), leave: () => void left.push(id) }),
  });
  const id = await answered({});
  assert.equal((await app.inject(`/task/${id}?wait=60`)).statusCode, 200);
  assert.equal((await app.inject(`/task/${UNKNOWN_ID}?wait=60`)).statusCode, 404);
  assert.deepEqual(new Set(left), new Set([id, UNKNOWN_ID]));
});

test("who may not wait is told so, unless there is nothing to wait for", async (t) => {
  const { app, submit, answered } = await openControl(t, { waitUntilFinal: () => null });
  const id = await submit();
  const refused = await app.inject(`/task/${id}?wait=60`);
  assert.deepEqual([refused.statusCode, refused.headers["retry-after"]], [503, "5"]);
  const { code, field } = refused.json<{ code: string; field: string }>();
  assert.deepEqual([code, field], ["too_many_clients", "wait"]);
  assert.equal((await app.inject(`/task/${id}`)).statusCode, 200);
  assert.equal((await app.inject(`/task/${UNKNOWN_ID}?wait=60`)).statusCode, 404);
  assert.equal((await app.inject(`/task/${await answered({})}?wait=60`)).statusCode, 200);
});

test("a client that leaves is waited for no longer", async (t) => {
  const begun = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const { app, submit } = await openControl(t, {
    waitUntilFinal: () => {
      begun.resolve();
      return { over: left.promise, leave: left.resolve };
    },
  });
  const port = await listen(t, app);
  const client = request({ port, path: `/task/${await submit()}?wait=60` }).end();
  client.on("error", () => {});
  await begun.promise;
  client.destroy();
  await left.promise;
});
