import assert from "node:assert/strict";
import { test } from "node:test";
import { openControl, VIEW_OPTIONS } from "./control.ts";

test("a page comes with its base and a nonce of its own, and runs nothing that stands in it", async (t) => {
  const { app } = await openControl(t, {
    viewOptions: { ...VIEW_OPTIONS, controlPrefix: "/_headgate" },
  });
  const nonces = new Set<string>();
  for (const url of ["/dashboard", "/dashboard/", "/dashboard/tasks/x?status=failed", "/docs"]) {
    const { statusCode, headers, body } = await app.inject(url);
    assert.equal(statusCode, 200, url);
    assert.match(String(headers["content-type"]), /^text\/html/);
    const name = url === "/docs" ? "docs" : "index";
    const [, nonce = ""] =
      /^<base href="\/_headgate\/dashboard\/"><p nonce="([^"]+)">(\w+)<\/p>$/.exec(body) ?? [];
    assert.ok(body.endsWith(`>${name}</p>`), body);
    nonces.add(nonce);
    const policy = String(headers["content-security-policy"]);
    assert.ok(policy.includes(`'nonce-${nonce}'`));
    assert.doesNotMatch(policy, /unsafe|\*|http/);
  }
  assert.equal(nonces.size, 4);
});

test("a file comes in an encoding that the client takes, and is kept for good", async (t) => {
  const asked: string[] = [];
  const { app } = await openControl(t, {
    pages: {
      html: async () => null,
      asset: async (name, accepts) => {
        asked.push(name);
        const encoding = accepts("br") ? "br" : null;
        return name === "a-1.js" ? { type: "text/javascript", encoding, bytes: Buffer.from("1") } : null;
      },
    },
  });
  const get = (name: string, accept: string) =>
    app.inject({ url: `/dashboard/assets/${name}`, headers: { "accept-encoding": accept } });
  const packed = await get("a-1.js", "gzip, br;q=0.5");
  assert.deepEqual([packed.headers["content-encoding"], packed.body], ["br", "1"]);
  assert.match(String(packed.headers["cache-control"]), /immutable/);
  assert.equal((await get("a-1.js", "br;q=0, identity")).headers["content-encoding"], undefined);
  assert.equal((await get("b.js", "")).statusCode, 404);
  const missing = await app.inject("/dashboard");
  assert.deepEqual([missing.statusCode, missing.json<{ code: string }>().code], [404, "not_found"]);
  assert.deepEqual(asked, ["a-1.js", "a-1.js", "b.js"]);
});
