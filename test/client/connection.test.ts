import assert from "node:assert/strict";
import { test } from "node:test";
import { Headgate } from "../../client/client.ts";
import { HeadgateError } from "../../client/errors.ts";
import { headgateFetch } from "../../client/headgate-fetch.ts";
import { json, receipt, type Reply, startStandIn } from "../cli/stand-in.ts";

test("a base URL that is none is refused at once", () => {
  for (const url of ["", "127.0.0.1:8080", "localhost:8080", "ftp://gate", "http://"]) {
    assert.throws(() => new Headgate(url), { name: "TypeError", message: /is no base URL/ }, url);
  }
});

test("in a browser a base URL may be relative to the page", async (t) => {
  Object.defineProperty(globalThis, "location", {
    value: { href: "http://gate.example/page" },
    configurable: true,
  });
  t.after(() => Reflect.deleteProperty(globalThis, "location"));
  const called: unknown[] = [];
  const own: typeof fetch = (url) => {
    called.push(url);
    return Promise.resolve(Response.json({ success: true }));
  };
  await new Headgate("/gate/", { fetch: own }).stats();
  await headgateFetch("/gate", { fetch: own })("/x?y");
  assert.deepEqual(called, ["/gate/stats", "/gate/x?y"]);
});

test("an id is one segment of a path", async (t) => {
  const server = await startStandIn(t, {
    "DELETE /task/..%2Ftasks%2Fcleanup": json({}),
    "GET /batches/..%2Fstats": json({}),
  });
  const headgate = new Headgate(server.url);
  await headgate.task("../tasks/cleanup").delete();
  await headgate.batchOf("../stats").status();
});

test("the key goes nowhere else", async (t) => {
  const elsewhere = await startStandIn(t, { "GET /": receipt("t") });
  const away: Reply = (response) => void response.writeHead(307, { Location: `${elsewhere.url}/` }).end();
  const server = await startStandIn(t, { "GET /stats": away, "POST /x": away, "GET /task/t/result": away });
  const headgate = new Headgate(server.url, { key: "hg_secret" });
  await assert.rejects(headgate.stats(), HeadgateError);
  await assert.rejects(headgate.submit("/x"), HeadgateError);
  assert.equal((await headgate.task("t").result()).status, 307);
  assert.deepEqual([server.seen.length, elsewhere.seen.length], [3, 0]);
});

test("a list of none asks nothing", async (t) => {
  const server = await startStandIn(t, {});
  assert.deepEqual(await Array.fromAsync(new Headgate(server.url).list({ limit: 0 })), []);
  assert.equal(server.seen.length, 0);
});
