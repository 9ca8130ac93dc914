import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { banner } from "../../src/cli/banner.ts";
import { load } from "../config/loading.ts";

const bannerOf = (
  flags: Readonly<Record<string, string>>,
  url = "http://127.0.0.1:8080",
  { keys = 0, hasPages = true } = {},
): string =>
  banner(load({ flags: { target: "http://192.168.1.100:8000/base", ...flags } }).config, {
    url,
    keys,
    hasPages,
  });

test("where it listens, forwards to and keeps tasks", () => {
  const text = bannerOf({ "listen-host": "127.0.0.1", "data-dir": "/var/lib/headgate" });
  assert.match(text, /^Headgate \d+\.\d+\.\d+/);
  assert.match(text, /listens on +http:\/\/127\.0\.0\.1:8080\n/);
  assert.match(text, /forwards to +http:\/\/192\.168\.1\.100:8000\/base\n/);
  assert.match(text, /\/var\/lib\/headgate\n/);
  assert.match(bannerOf({ store: "memory" }), /in memory: they are lost/);
});

test("says so when the workers are fewer than the target may see", () => {
  assert.match(bannerOf({}), / up to 5 at once \(--num-workers; --max-concurrent is 10\)\n/);
  const enough = bannerOf({ "num-workers": "10" });
  assert.match(enough, / up to 10 at once \(--max-concurrent\)\n/);
  assert.match(bannerOf({ "num-workers": "20" }), /up to 10 at once/);
});

test("where to look, on an address that a browser can open, and whether keys are asked for", () => {
  const text = bannerOf({ "control-prefix": "/_hg" }, "http://0.0.0.0:9000", { keys: 3 });
  assert.match(text, /dashboard +http:\/\/localhost:9000\/_hg\/dashboard\n/);
  assert.match(text, /API +http:\/\/localhost:9000\/_hg\/docs\n/);
  assert.match(text, /keys +3$/);
  assert.match(bannerOf({}, "http://[::]:80"), /dashboard +http:\/\/localhost:80\/dashboard\n/);
  const bare = bannerOf({ "listen-host": "127.0.0.1" }, undefined, { hasPages: false });
  assert.match(bare, /dashboard +not built: \.\/start\.sh install/);
  assert.match(bare, /keys +none/);
});

test("warns when other machines can reach it", () => {
  assert.match(bannerOf({}, "http://0.0.0.0:9000"), /WARNING: .*anyone who can reach .*9000 can submit/);
  assert.match(
    bannerOf({ "listen-host": "10.0.0.1" }, "http://10.0.0.1:8080"),
    /reach http:\/\/10\.0\.0\.1:8080/,
  );
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    assert.doesNotMatch(bannerOf({ "listen-host": host }), /WARNING/);
  }
});

describe("with routes", () => {
  const routes = (count: number): string =>
    Array.from({ length: count }, (_, i) => `  - {match: /r${i}/**, target: http://h${i}}\n`).join("");
  const lines = (file: string): readonly string[] =>
    banner(load({ file, flags: { "listen-host": "127.0.0.1" } }).config, {
      url: "http://127.0.0.1:8080",
      keys: 0,
      hasPages: false,
    }).split("\n");
  test("a line for each, with its limit and where it leads", () => {
    const file = `target: http://t/base
targets: {m: {urls: [http://a, http://b, http://c]}}
routes:
  - {match: [/v1/images/**, /v2], methods: POST, hosts: "*.example", target: m, max_concurrent: auto}
  - {match: /x, target: m, max_concurrent: 40}
`;
    assert.deepEqual(lines(file).slice(2, 5), [
      "  post-v1-images  POST *.example /v1/images/** /v2  → http://a +2    auto",
      "  x               /x                                → http://a +2    up to 40",
      "  default         /**                               → http://t/base  up to 5",
    ]);
  });
  test("up to eight, then how many more", () => {
    assert.equal(lines(`routes:\n${routes(8)}`).filter((line) => line.includes("→")).length, 8);
    const many = lines(`routes:\n${routes(9)}`);
    assert.equal(many.filter((line) => line.includes("→")).length, 8);
    assert.equal(many.filter((line) => line === "  and 1 more").length, 1);
    assert.equal(lines(`routes:\n${routes(8)}`).filter((line) => line.includes("more")).length, 0);
  });
});
