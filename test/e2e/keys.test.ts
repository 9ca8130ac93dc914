// Who may call, and what they meet: every path, with every role.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { status } from "../rig/behaviour.ts";
import { type Answer, call, eventually } from "../rig/client.ts";
import { type Flow, startFlow } from "../rig/flow.ts";

const KEYS = {
  alice: "alice-0123456789abcdef",
  bob: "bob-0123456789abcdefgh",
  reader: "reader-0123456789abcdef",
  operator: "operator-0123456789abcdef",
  admin: "admin-0123456789abcdef",
} as const;
type Name = keyof typeof KEYS;

const ROLES = { alice: "submit", bob: "submit", reader: "read", operator: "operate", admin: "admin" };

function keysSection(): string {
  return Object.entries(KEYS)
    .map(([name, key]) => `  ${name}: {key: ${key}, role: ${ROLES[name as Name]}}`)
    .join("\n");
}

function stage(t: TestContext, more = ""): Promise<Flow> {
  return startFlow(
    t,
    1,
    (target) => `target: ${target}\nmax_attempts: 1\n${more}\nkeys:\n${keysSection()}\n`,
  );
}

function as(
  url: URL,
  name: Name | null,
  path: string,
  method = "GET",
  headers: readonly string[] = [],
): Promise<Answer> {
  const key = name === null ? [] : ["Headgate-Key", KEYS[name]];
  return call(url, { method, path, headers: [...key, ...headers] });
}

async function submitAs(url: URL, name: Name, path = "/x", headers: readonly string[] = []): Promise<string> {
  const answer = await as(url, name, path, "POST", headers);
  assert.equal(answer.status, 202, answer.text);
  return String(answer.headers["headgate-task-id"]);
}

async function ended(url: URL, id: string): Promise<void> {
  await eventually(
    async () => (await as(url, "admin", `/task/${id}`)).json<{ completed_at: string | null }>(),
    ({ completed_at }) => completed_at !== null,
  );
}

test("without a key nothing is answered but what is everybody's, and no body is read", async (t) => {
  const { url, targets } = await stage(t);
  for (const path of [
    "/tasks",
    "/stats",
    "/lanes",
    "/targets",
    "/metrics",
    "/keys",
    "/keys/me",
    "/webhooks/deliveries",
  ]) {
    const answer = await as(url, null, path);
    assert.equal(answer.status, 401, path);
    assert.match(String(answer.headers["www-authenticate"]), /^Bearer/);
  }
  for (const path of ["/healthz", "/readyz", "/openapi.json", "/"]) {
    assert.equal((await as(url, null, path)).status, 200, path);
  }
  assert.equal((await as(url, null, "/x", "POST")).status, 401);
  const wrong = await call(url, { method: "POST", path: "/x", headers: ["Headgate-Key", "wrong"] });
  assert.deepEqual([wrong.status, wrong.json<{ code: string }>().code], [401, "unauthorized"]);
  assert.equal(targets[0]!.seen.length, 0);
});

test("the key is neither sent on nor stored; the target's own Authorization is", async (t) => {
  const { url, targets } = await stage(t);
  const id = await submitAs(url, "alice", "/x", ["Authorization", "Bearer targets-own"]);
  await ended(url, id);
  const seen = targets[0]!.seen[0]!;
  assert.ok(seen.headers.includes("Bearer targets-own"));
  assert.ok(!seen.headers.some((each) => /headgate-key/i.test(each) || each === KEYS.alice));
});

test("where the route says so, the key is in Authorization, which is not sent on", async (t) => {
  const { url, targets } = await stage(
    t,
    "routes: [{match: /in-auth/**, name: a, key_header: authorization}]",
  );
  const answer = await call(url, {
    method: "POST",
    path: "/in-auth/x",
    headers: ["Authorization", `Bearer ${KEYS.alice}`],
  });
  assert.equal(answer.status, 202, answer.text);
  await ended(url, String(answer.headers["headgate-task-id"]));
  assert.ok(!targets[0]!.seen[0]!.headers.some((each) => each.includes(KEYS.alice)));
  const elsewhere = await as(url, "alice", "/in-auth/x", "POST");
  assert.equal(elsewhere.status, 401);
  assert.equal(elsewhere.json<{ field: string }>().field, "Authorization");
  assert.match(elsewhere.text, /wanted, as `Authorization: Bearer <key>`/);
});

describe("somebody else's task", () => {
  test("is the same 404 as one that does not exist, on every path", async (t) => {
    const { url } = await stage(t);
    const id = await submitAs(url, "alice");
    await ended(url, id);
    const absent = "01a20788-bde7-706e-bbf8-7e9edf447801";
    const calls: readonly (readonly [string, string, string[]?])[] = [
      ["GET", ""],
      ["GET", "?wait=1"],
      ["GET", "/result"],
      ["POST", "/cancel"],
      ["POST", "/retry"],
      ["DELETE", ""],
    ];
    for (const [method, rest] of calls) {
      const theirs = await as(url, "bob", `/task/${id}${rest}`, method);
      const none = await as(url, "bob", `/task/${absent}${rest}`, method);
      assert.equal(theirs.status, 404, `${method} ${rest}`);
      assert.equal(theirs.text, none.text);
      assert.deepEqual(Object.keys(theirs.headers), Object.keys(none.headers));
    }
    const patch = await call(url, {
      method: "PATCH",
      path: `/task/${id}`,
      headers: ["Headgate-Key", KEYS.bob, "Content-Type", "application/json"],
      body: '{"priority":1}',
    });
    assert.equal(patch.status, 404);
    assert.equal((await as(url, "alice", `/task/${id}`)).status, 200);
  });

  test("is in no list", async (t) => {
    const { url } = await stage(t);
    const id = await submitAs(url, "alice");
    await submitAs(url, "bob");
    await ended(url, id);
    const clients = async (name: Name, query = ""): Promise<string[]> =>
      (await as(url, name, `/tasks${query}`))
        .json<{ tasks: { client: string }[] }>()
        .tasks.map(({ client }) => client);
    assert.deepEqual(await clients("bob"), ["bob"]);
    assert.deepEqual(await clients("bob", "?client=alice"), []);
    assert.deepEqual((await clients("reader")).toSorted(), ["alice", "bob"]);
  });

  test("gives no cached answer", async (t) => {
    const { url, targets } = await stage(t, "routes: [{match: /cached, name: c, cache: {ttl: 5m}}]");
    const fresh = status(200, ["Cache-Control", "public, max-age=60"]);
    targets[0]!.next(fresh, fresh);
    for (const name of ["alice", "alice", "bob"] as const) {
      const answer = await as(url, name, "/cached", "GET", ["Prefer", "wait=10"]);
      assert.equal(answer.status, 200);
    }
    assert.equal(targets[0]!.seen.length, 2);
  });
});

test("requests of a batch are their client's, in the cache, too", async (t) => {
  const { url, targets } = await stage(t, "routes: [{match: /cached, name: c, cache: {ttl: 5m}}]");
  const fresh = status(200, ["Cache-Control", "public, max-age=60"]);
  targets[0]!.next(fresh, fresh);
  for (const name of ["alice", "bob"] as const) {
    const answer = await call(url, {
      method: "POST",
      path: "/tasks/batch",
      headers: ["Headgate-Key", KEYS[name], "Content-Type", "application/json"],
      body: JSON.stringify({ requests: [{ method: "GET", path: "/cached" }] }),
    });
    assert.equal(answer.status, 202, answer.text);
    await ended(url, String(answer.json<{ task_ids: string[] }>().task_ids[0]));
  }
  assert.equal(targets[0]!.seen.length, 2);
});

test("each role may do what it is for", async (t) => {
  const { url } = await stage(t);
  const allowed: readonly (readonly [string, string, readonly Name[]])[] = [
    ["POST", "/x", ["alice", "operator", "admin"]],
    ["GET", "/tasks", ["alice", "reader", "operator", "admin"]],
    ["GET", "/stats", ["reader", "operator", "admin"]],
    ["GET", "/metrics", ["reader", "operator", "admin"]],
    ["POST", "/lanes/default/pause", ["operator", "admin"]],
    ["POST", "/lanes/default/resume", ["operator", "admin"]],
    ["DELETE", "/tasks/cleanup?max_age_hours=24", ["operator", "admin"]],
    ["GET", "/keys", ["admin"]],
    ["GET", "/keys/me", ["alice", "reader", "operator", "admin"]],
  ];
  let refused = 0;
  for (const [method, path, names] of allowed) {
    for (const name of Object.keys(KEYS) as Name[]) {
      if (name === "bob") continue;
      const answer = await as(url, name, path, method);
      const isRefused = answer.status === 403;
      refused += isRefused ? 1 : 0;
      assert.equal(isRefused, !names.includes(name), `${name} ${method} ${path}: ${answer.text}`);
    }
  }
  const { text } = await as(url, "admin", "/metrics");
  assert.match(text, new RegExp(`^headgate_access_denied_total{code="forbidden"} ${refused}$`, "m"));
  const id = await submitAs(url, "alice");
  await ended(url, id);
  assert.equal((await as(url, "reader", `/task/${id}`)).status, 200);
  assert.equal((await as(url, "reader", `/task/${id}/retry`, "POST")).status, 403);
  assert.equal((await as(url, "operator", `/task/${id}/retry`, "POST")).status, 202);
});

test("a key learns who it is; without keys everybody is an admin", async (t) => {
  const { url } = await stage(t);
  const me = async (name: Name): Promise<unknown> =>
    (await as(url, name, "/keys/me")).json<{ key: unknown }>().key;
  assert.deepEqual(await me("alice"), { name: "alice", role: "submit", client: "alice" });
  assert.deepEqual(await me("reader"), { name: "reader", role: "read", client: "reader" });
  const open = await startFlow(t, 1, (target) => `target: ${target}`);
  const { key } = (await call(open.url, { path: "/keys/me" })).json<{ key: unknown }>();
  assert.deepEqual(key, { name: null, role: "admin", client: null });
});

test("a confined key submits for its own client alone, an operator for whom they say", async (t) => {
  const { url } = await stage(t);
  const refused = await as(url, "alice", "/x", "POST", ["Headgate-Client", "bob"]);
  assert.deepEqual([refused.status, refused.json<{ field: string }>().field], [403, "Headgate-Client"]);
  const id = await submitAs(url, "operator", "/x", ["Headgate-Client", "bob"]);
  assert.equal((await as(url, "bob", `/task/${id}`)).status, 200);
  assert.equal((await as(url, "alice", `/task/${id}`)).status, 404);
});

test("keys of the file come and go while it runs", async (t) => {
  const { url, gateway, targets } = await stage(t);
  assert.equal((await as(url, "alice", "/tasks")).status, 200);
  await gateway.rewrite(
    `target: ${targets[0]!.url.origin}\nkeys: {admin: {key: ${KEYS.admin}, role: admin}}\n`,
  );
  await eventually(
    () => as(url, "alice", "/tasks"),
    ({ status }) => status === 401,
  );
  assert.equal((await as(url, "admin", "/tasks")).status, 200);
});
