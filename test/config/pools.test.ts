// What the section `targets` becomes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PoolConfig } from "../../src/config/config.ts";
import { load } from "./loading.ts";

const poolOf = (pool: string): PoolConfig =>
  load({ file: `targets: {p: ${pool}}\nroutes: [{match: /a}]\n` }).config.pools[0]!;
const urls = (pool: string): readonly string[] => poolOf(pool).targets.map(({ url }) => url.href);

test("as a URL, as URLs, as fields", () => {
  assert.deepEqual(urls("http://a/base/"), ["http://a/base"]);
  assert.deepEqual(urls("[http://a, {url: http://b}]"), ["http://a/", "http://b/"]);
  assert.deepEqual(urls("{urls: http://a}"), ["http://a/"]);
  assert.deepEqual(urls("{urls: [http://a, http://b]}"), ["http://a/", "http://b/"]);
});

test("every field reaches its place", () => {
  const pool = poolOf(
    "{urls: [{url: http://a, weight: 2, max_concurrent: 3}, http://b], balance: hash, hash_by: header:X-User, " +
      "max_concurrent: 4, health: {path: /h?x=1, interval: 5s, timeout: 6s, unhealthy_after: 7, healthy_after: 8}, " +
      "circuit: {failures: 0, open: 9s, max_open: 10s}, retry_budget: 25%}",
  );
  assert.deepEqual(pool, {
    name: "p",
    targets: [
      { url: new URL("http://a"), weight: 2, maxConcurrent: 3 },
      { url: new URL("http://b"), weight: 1, maxConcurrent: 4 },
    ],
    balance: { by: "hash", key: { header: "x-user" } },
    health: { path: "/h?x=1", intervalMs: 5_000, timeoutMs: 6_000, unhealthyAfter: 7, healthyAfter: 8 },
    circuit: { failures: 0, openMs: 9_000, maxOpenMs: 10_000 },
    retryBudget: 0.25,
  });
});

test("defaults", () => {
  assert.deepEqual(poolOf("{urls: http://a, balance: hash}").balance, { by: "hash", key: "path" });
  assert.deepEqual(poolOf("{urls: http://a, health: {path: /}}").health, {
    path: "/",
    intervalMs: 10_000,
    timeoutMs: 2_000,
    unhealthyAfter: 3,
    healthyAfter: 2,
  });
  assert.equal(poolOf("{urls: http://a, circuit: {open: 10m}}").circuit.maxOpenMs, 600_000);
  for (const [written, budget] of [
    ["0", 0],
    ["0.5", 0.5],
    ["100%", 1],
  ] as const) {
    assert.equal(poolOf(`{urls: http://a, retry_budget: ${written}}`).retryBudget, budget);
  }
});
