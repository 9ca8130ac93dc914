// Keys that come and go while Headgate runs, and what they may use.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, call, eventually } from "../rig/client.ts";
import { startFlow } from "../rig/flow.ts";
import { startGateway } from "../rig/gateway.ts";

test("quotas: requests in a time, and tasks that have not ended", async (t) => {
  const { url, gateway } = await startFlow(
    t,
    1,
    (target) => `target: ${target}
keys:
  rated: {key: rated-0123456789abcdef, quota: {rate: 2/m}}
  open: {key: open-0123456789abcdefg, quota: {max_open: 1}}
  reads: {key: reads-0123456789abcdef, role: read}
`,
  );
  const send = (key: string, path = "/x", more: readonly string[] = []): Promise<Answer> =>
    call(url, { method: "POST", path, headers: ["Headgate-Key", key, ...more] });
  const first = await send("rated-0123456789abcdef");
  assert.deepEqual(
    [first.status, first.headers["ratelimit-policy"], first.headers["ratelimit"]],
    [202, '"key";q=2;w=60', '"key";r=1;t=30'],
  );
  assert.equal((await send("rated-0123456789abcdef")).status, 202);
  const third = await send("rated-0123456789abcdef");
  assert.deepEqual([third.status, third.json<{ code: string }>().code], [429, "quota_exceeded"]);
  assert.ok(Number(third.headers["retry-after"]) > 20);
  assert.match(String(third.headers["ratelimit"]), /^"key";r=0;t=/);

  // Many at once find one place.
  const later = await Promise.all(
    Array.from({ length: 12 }, () => send("open-0123456789abcdefg", "/x", ["Headgate-Delay", "1h"])),
  );
  assert.deepEqual(
    later.map(({ status }) => status).toSorted((a, b) => a - b),
    [202, ...Array.from({ length: 11 }, () => 429)],
  );
  const { text } = await call(url, { path: "/metrics", headers: ["Headgate-Key", "reads-0123456789abcdef"] });
  assert.match(text, /^headgate_access_denied_total\{code="quota_exceeded"\} 12$/m);
  // A retry is a task, too.
  const id = String(later.find(({ status }) => status === 202)?.headers["headgate-task-id"]);
  const key = ["Headgate-Key", "open-0123456789abcdefg"];
  const retry = await call(url, { method: "POST", path: `/task/${id}/retry`, headers: key });
  assert.equal(retry.status, 409, "it has not ended");
  // What was open before a restart counts, too.
  gateway.kill("SIGKILL");
  await gateway.exited;
  await gateway.restart();
  await eventually(
    () => call(gateway.url, { method: "POST", path: "/x", headers: [...key, "Headgate-Delay", "1h"] }),
    ({ status }) => status === 429,
  );
});

test("the first key is made on the machine itself and is an admin's; from then on a key is wanted", async (t) => {
  const { url, gateway } = await startFlow(t, 1, (target) => `target: ${target}`);
  const make = (body: object, headers: readonly string[] = []): Promise<Answer> =>
    call(gateway.url, {
      method: "POST",
      path: "/keys",
      headers: ["Content-Type", "application/json", ...headers],
      body: JSON.stringify(body),
    });
  assert.equal((await make({ name: "web", role: "submit" })).status, 409);
  for (const [body, field] of [
    [{ name: "", role: "admin" }, "name"],
    [{ name: "a", role: "king" }, "role"],
    [{ name: "a", role: "admin", rate: "fast" }, "rate"],
    [{ name: "a", role: "admin", surprise: 1 }, "surprise"],
  ] as const) {
    const answer = await make(body);
    assert.deepEqual([answer.status, answer.json<{ field: string }>().field], [400, field]);
  }
  const made = await make({ name: "root", role: "admin" });
  assert.equal(made.status, 201, made.text);
  const { key } = made.json<{ key: string }>();
  assert.match(key, /^hg_[\w-]{43}$/);
  assert.equal((await call(url, { path: "/stats" })).status, 401);
  const rootKey = ["Headgate-Key", key];
  const web = await make({ name: "web", role: "submit", client: "shop", rate: "5/s", max_open: 9 }, rootKey);
  assert.equal(web.status, 201);
  assert.equal((await make({ name: "web", role: "read" }, rootKey)).status, 409);
  gateway.kill("SIGTERM");
  await gateway.exited;
  await gateway.restart();
  const list = await call(gateway.url, { path: "/keys", headers: rootKey });
  assert.deepEqual(
    list.json<{ keys: Record<string, unknown>[] }>().keys.map(({ created_at: at, ...rest }) => {
      assert.match(String(at), /^2/);
      return rest;
    }),
    [
      { name: "root", role: "admin", client: "root", rate: null, max_open: null, in: "store" },
      { name: "web", role: "submit", client: "shop", rate: "5/s", max_open: 9, in: "store" },
    ],
  );
  assert.ok(!list.text.includes(key));
  const removed = await call(gateway.url, { method: "DELETE", path: "/keys/web", headers: rootKey });
  assert.equal(removed.status, 200);
  const webKey = ["Headgate-Key", web.json<{ key: string }>().key];
  assert.equal((await call(gateway.url, { path: "/tasks", headers: webKey })).status, 401);
  assert.ok(!gateway.output.includes(key));
});

test("a file without any key does not open a running gateway", async (t) => {
  const [key, file] = ["admin-0123456789abcdef", (keys: string) => `target: http://127.0.0.1:9\n${keys}`];
  const gateway = await startGateway(t, { file: file(`keys: {boss: {key: ${key}, role: admin}}\n`) });
  const asBoss = ["Headgate-Key", key, "Content-Type", "application/json"];
  await gateway.rewrite(file(""));
  const [line] = await eventually(
    async () => gateway.log.filter(({ msg }) => msg.startsWith("configuration: keys:")),
    ({ length }) => length === 1,
  );
  assert.match(String(line?.msg), /everybody may do everything; that needs a restart/);
  assert.equal((await call(gateway.url, { path: "/tasks" })).status, 401);
  assert.equal((await call(gateway.url, { path: "/tasks", headers: asBoss })).status, 200);
  const body = `{"name": "made", "role": "admin"}`;
  const made = await call(gateway.url, { method: "POST", path: "/keys", headers: asBoss, body });
  assert.equal(made.status, 201, made.text);
  // With a key that was made meanwhile the same file opens nothing.
  await gateway.rewrite(file("# again\n"));
  await eventually(
    () => call(gateway.url, { path: "/tasks", headers: asBoss }),
    ({ status }) => status === 401,
  );
});
