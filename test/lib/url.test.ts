import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutCredentials, withoutQuery, withoutSecrets } from "../../src/lib/url.ts";

test("credentials in a URL are hidden", () => {
  assert.equal(withoutCredentials("http://user:pa@ss@h/x@y"), "http://***@h/x@y");
  assert.equal(withoutCredentials("http://h/x@y"), "http://h/x@y");
  assert.equal(withoutCredentials(`"http://h/x?token=t#f" "y?z"`), `"http://h/x?…#f" "y?z"`);
});

test("a receiver is shown by what is no secret of it", () => {
  for (const [href, shown] of [
    ["https://hooks.example/a/b", "https://hooks.example/a/b"],
    ["https://user:pass@hooks.example/?token=t", "https://hooks.example/?…"],
    [`https://hooks.example/services/${"x".repeat(20)}/send`, "https://hooks.example/services/…/send"],
  ] as const) {
    assert.equal(withoutSecrets(href), shown);
  }
});

test("a path is shown without its query", () => {
  assert.equal(withoutQuery("/a/b?c=d?e"), "/a/b");
  assert.equal(withoutQuery("/a"), "/a");
});
