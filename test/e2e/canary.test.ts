// Secrets pass through, and stand nowhere: values that occur nowhere else are sent in every way there is, and then looked
// for in everything that is written or shown.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { makeMutant } from "../crash/mutant.ts";
import { type Behaviour, hang, status } from "../rig/behaviour.ts";
import { call, eventually, look, outcome, submit } from "../rig/client.ts";
import type { Flow } from "../rig/flow.ts";
import { startGateway } from "../rig/gateway.ts";
import { startTarget } from "../rig/target.ts";

/** Twice the length of what a checksum or a cut could leave of it. */
const CANARY = `canary-${randomBytes(12).toString("hex")}`;

const canary = (name: string): string => `${CANARY}-${name}`;

const REQUEST = [
  ["Authorization", `Bearer ${canary("authorization")}`],
  ["Cookie", `sid=${canary("cookie")}`],
  ["cookie", `second=${canary("second")}`],
  ["X-Api-Key", canary("api-key")],
  ["Proxy-Authorization", `Basic ${canary("proxy")}`],
  ["Headgate-Key", canary("headgate-key")],
].flat();

const ANSWER = ["Set-Cookie", `sid=${canary("set-cookie")}; HttpOnly`, "Cache-Control", "max-age=60"];

const file = (url: string, receiver: string): string => `
webhooks: { allow: [127.0.0.0/8], endpoints: { ops: { url: "${receiver}/hook" } } }
secrets: { headers: [X-Api-Key, X-Session] }
targets: { main: { urls: [${url}] }, gone: { urls: ["http://127.0.0.1:1"] } }
routes:
  - { match: /cached/**, target: main, cache: { ttl: 5m } }
  - { match: /late/**, target: main, timeout: 2s, retry: { attempts: 1 } }
  - { match: /gone/**, target: gone, retry: { attempts: 1 } }
  - match: /**
    name: rest
    target: main
    retry: { attempts: 2, backoff: { initial: 1ms } }
`;

/** Of what waits, nothing is sent before the gateway is stopped. */
async function hold(url: URL, how: "pause" | "resume"): Promise<void> {
  assert.equal((await call(url, { method: "POST", path: `/lanes/rest/${how}` })).status, 200);
}

for (const format of ["json", "pretty"]) {
  test(`a secret reaches the target and its client, and stands nowhere (logs: ${format})`, async (t) => {
    const flow = await start(t, ["--log-format", format]);
    const ids = await exercise(flow);
    assert.deepEqual(await found(flow, ids), []);
    const view = (await look(flow.url, ids[0]!)) as unknown as { response: { headers: object } };
    assert.partialDeepStrictEqual(view.response.headers, {
      "set-cookie": "[redacted]",
      "x-session": "[redacted]",
    });

    await hold(flow.url, "pause");
    const waiting = await submit(flow.url, { path: "/status/200/over-the-restart", headers: REQUEST });
    flow.gateway.kill("SIGKILL");
    await flow.gateway.restart();
    const { url } = flow.gateway;
    await hold(url, "resume");
    assert.equal((await outcome(url, waiting)).status, "completed");
    const seen = flow.targets[0]!.seen.find(({ path }) => path === "/status/200/over-the-restart");
    assert.deepEqual(secretsOf(seen!.headers), FORWARDED);
    assert.deepEqual(await found({ ...flow, url }, [...ids, waiting]), []);
  });
}

test("the search finds what stands in the open: a build that seals nothing is caught", async (t) => {
  const file = "src/server/vault.ts";
  const root = await makeMutant(t, [
    { file, replace: /seal: \(headers\) => .*/, by: "seal: (headers) => headers," },
  ]);
  const flow = await start(t, [], root);
  const places = (await found(flow, await exercise(flow))).join("\n");
  assert.match(places, /headgate\.db-wal: /);
  assert.match(places, /^\/task\/[^/]+: /m);
});

test("a data folder without its key is not served, and a request whose key has changed is not sent", async (t) => {
  const flow = await start(t, []);
  await hold(flow.url, "pause");
  const id = await submit(flow.url, { path: "/status/200/sealed", headers: REQUEST });
  flow.gateway.kill("SIGTERM");
  await flow.gateway.exited;
  const key = join(flow.gateway.dataDir, "headgate.key");
  await rename(key, `${key}.away`);
  flow.gateway.spawn();
  assert.equal((await flow.gateway.exited).code, 74);
  assert.match(flow.gateway.output, /headgate\.key is missing: .* Put it back from a backup/);
  assert.ok(!(await readdir(flow.gateway.dataDir)).includes("headgate.key"));

  // As when the mark was lost, too: the database was restored alone.
  await rm(join(flow.gateway.dataDir, "key-mark"));
  await flow.gateway.restart();
  await hold(flow.gateway.url, "resume");
  const task = await outcome(flow.gateway.url, id);
  assert.deepEqual([task.status, task.reason], ["failed", "unsendable"]);
  assert.match(task.error?.message ?? "", /^The stored value of Authorization was sealed with another key/);
  assert.equal(flow.targets[0]!.seen.length, 0);
});

/** A gateway with its target and the bodies of its webhooks. */
interface Stage extends Flow {
  readonly told: readonly string[];
}

async function start(t: TestContext, args: readonly string[], root?: string): Promise<Stage> {
  const target = await startTarget();
  t.after(() => target.close());
  const told: string[] = [];
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      told.push(JSON.stringify(request.rawHeaders) + body);
      response.end();
    });
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  t.after(() => receiver.close().closeAllConnections());
  const { port } = receiver.address() as AddressInfo;
  const logs = ["--log-level", "trace", "--stats-interval", "1s"];
  const gateway = await startGateway(t, {
    file: file(target.url.origin, `http://127.0.0.1:${port}`),
    args: [...logs, ...args],
    ...(root === undefined ? {} : { root }),
  });
  return { targets: [target], gateway, url: gateway.url, told };
}

/** As the target is to see them: the key of this gateway and of a proxy are not its business. */
const FORWARDED = REQUEST.slice(0, 8);

/** Runs a request through each way there is, and answers the ids. */
async function exercise({ url, targets, gateway, told }: Stage): Promise<readonly string[]> {
  const target = targets[0]!;
  const answer: Behaviour = status(200, [...ANSWER, "X-Session", canary("session")]);
  const send = (path: string): Promise<string> =>
    submit(url, { path, headers: REQUEST, body: "a body that goes to a file ".repeat(4_000) });

  target.next(answer);
  const completed = await send("/status/200/plain");
  await outcome(url, completed);
  assert.deepEqual(secretsOf(target.seen[0]!.headers), FORWARDED);

  // A client that waits gets the answer as the target gave it.
  target.next(answer);
  const inline = await call(url, { path: "/status/200/inline", headers: [...REQUEST, "Prefer", "wait=20"] });
  assert.equal(inline.status, 200);
  assert.deepEqual(inline.headers["set-cookie"], [ANSWER[1]]);
  assert.equal(inline.headers["x-session"], canary("session"));

  // And so does who collects it later, but for what would act on Headgate's own origin.
  const replay = await call(url, { path: `/task/${completed}/result` });
  assert.deepEqual(
    [replay.headers["x-session"], replay.headers["set-cookie"]],
    [canary("session"), undefined],
  );
  target.next(status(503, ANSWER), answer);
  const retried = await send("/status/200/retried");
  assert.equal((await outcome(url, retried)).attempts.length, 2);
  const again = (await call(url, { method: "POST", path: `/task/${completed}/retry` })).json<{
    task_id: string;
  }>();
  await outcome(url, again.task_id);
  assert.deepEqual(secretsOf(target.seen.at(-1)!.headers), FORWARDED);

  target.next(status(500, ANSWER));
  target.next(status(200, ["Cache-Control", "max-age=60", "Vary", "Cookie, X-Api-Key, User-Agent"]));
  const failed = await send("/status/200/failed");
  await outcome(url, failed);
  for (let i = 0; i < 2; i++)
    await outcome(url, await submit(url, { method: "GET", path: "/cached/a", headers: REQUEST }));
  assert.equal(target.seen.filter(({ path }) => path === "/cached/a").length, 1);
  target.next(hang);
  const late = await send("/late/a");
  assert.equal((await outcome(url, late)).status, "failed");
  const gone = await send("/gone/a");
  assert.equal((await outcome(url, gone)).status, "failed");
  await call(url, { path: "/nowhere", headers: [...REQUEST, "Headgate-Priority", "none"] });
  await eventually(
    () => gateway.output,
    (text) => text.includes("statistics"),
  );
  await eventually(
    () => told,
    ({ length }) => length >= 6,
  );
  return [completed, retried, again.task_id, failed, late, gone];
}

const SECRET = /^(?:authorization|cookie|x-api-key|proxy-authorization|headgate-key)$/i;

function secretsOf(headers: readonly string[]): readonly string[] {
  return headers.filter((_, i) => SECRET.test(headers[i & ~1]!));
}

/** By name, whatever this gateway answers to a GET but the target's own answers. */
async function everythingShown({ url }: Flow, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const document = (await call(url, { path: "/openapi.json" })).json<{
    paths: Record<string, { get?: unknown }>;
  }>();
  const paths = Object.entries(document.paths).flatMap(([path, { get }]) =>
    get === undefined ? [] : [path],
  );
  const shown = new Map<string, string>([["/openapi.json", JSON.stringify(document)]]);
  for (const path of paths.flatMap((each) =>
    each.includes("{") ? ids.map((id) => each.replace(/\{[^}]*\}/, id)) : each,
  )) {
    if (path.endsWith("/result") || path.endsWith("/events")) continue;
    const { text, rawHeaders } = await call(url, { path });
    shown.set(path, rawHeaders.join() + text);
  }
  for (const path of ["/tasks", "/stats", "/metrics", "/lanes", "/targets"]) assert.ok(shown.has(path), path);
  return shown;
}

/** Where the canary stands, with its surroundings. */
async function found(flow: Stage, ids: readonly string[]): Promise<readonly string[]> {
  const { gateway } = flow;
  const written = new Map(await everythingShown(flow, ids));
  written.set("log", gateway.output).set("webhooks", flow.told.join("\n"));
  for (const entry of await readdir(gateway.dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) written.set(path, await readFile(path, "latin1"));
  }
  const names = [...written.keys()].join();
  for (const name of ["headgate.db", "headgate.db-wal", "cache.db", "bodies/", "log"]) {
    assert.ok(names.includes(name), names);
  }
  return [...written].flatMap(([name, text]) => {
    const at = text.indexOf(CANARY);
    return at === -1 ? [] : [`${name}: …${text.slice(Math.max(0, at - 60), at + 60)}…`];
  });
}
