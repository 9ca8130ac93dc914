import assert from "node:assert/strict";
import { test } from "node:test";
import { banner } from "../../src/cli/banner.ts";
import { load } from "../config/loading.ts";

const bannerOf = (flags: Readonly<Record<string, string>>, url = "http://127.0.0.1:8080"): string =>
  banner(load({ flags: { target: "http://192.168.1.100:8000/base", ...flags } }).config, url);

test("where it listens, forwards to and keeps tasks", () => {
  const text = bannerOf({ "listen-host": "127.0.0.1", "data-dir": "/var/lib/headgate" });
  assert.match(text, /^Headgate \d+\.\d+\.\d+/);
  assert.match(text, /listens on +http:\/\/127\.0\.0\.1:8080\n/);
  assert.match(text, /forwards to +http:\/\/192\.168\.1\.100:8000\/base\n/);
  assert.match(text, /\/var\/lib\/headgate\n/);
  assert.match(bannerOf({ store: "memory" }), /in memory: they are lost/);
});

test("says so when the workers are fewer than the target may see", () => {
  assert.match(bannerOf({}), /--num-workers 5 is below --max-concurrent 10: this node runs 5 at once/);
  const enough = bannerOf({ "num-workers": "10" });
  assert.match(enough, /up to 10 at once/);
  assert.doesNotMatch(enough, /below/);
  assert.match(bannerOf({ "num-workers": "20" }), /up to 10 at once/);
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
