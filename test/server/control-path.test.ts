import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createControlTargetOf } from "../../src/server/control-path.ts";

describe("whose a request is", () => {
  const FORWARDED = "forwarded";
  const cases: readonly [string, string, string, string][] = [
    ["", "GET", "/", "GET /"],
    ["", "HEAD", "/", "HEAD /"],
    ["", "GET", "/?a", "GET /?a"],
    ["", "POST", "/", FORWARDED],
    ["", "GET", "/task", "GET /task"],
    ["", "PUT", "/task/1/progress", "PUT /task/1/progress"],
    ["", "GET", "/tasks?x=/y", "GET /tasks?x=/y"],
    ["", "GET", "/openapi.json", "GET /openapi.json"],
    ["", "GET", "/dashboard/a/b", "GET /dashboard/a/b"],
    ["", "GET", "/taskforce", FORWARDED],
    ["", "GET", "/openapi.jsonx", FORWARDED],
    ["", "GET", "/Task/1", FORWARDED],
    ["", "GET", "/%74ask/1", FORWARDED],
    ["", "GET", "/task%2f1", FORWARDED],
    ["", "GET", "/task;v=1", FORWARDED],
    ["", "GET", "/./task/1", FORWARDED],
    ["", "GET", "/x/../task/1", FORWARDED],
    ["", "GET", "/api/task", FORWARDED],
    ["", "GET", "/_headgate/task", FORWARDED],
    ["/_headgate", "GET", "/", FORWARDED],
    ["/_headgate", "GET", "/task/1", FORWARDED],
    ["/_headgate", "GET", "/_headgate", "GET /"],
    ["/_headgate", "GET", "/_headgate?x", "GET /?x"],
    ["/_headgate", "POST", "/_headgate/", "POST /"],
    ["/_headgate", "GET", "/_headgate/task/1?w", "GET /task/1?w"],
    ["/_headgate", "GET", "/_headgate/anything", "GET /anything"],
    ["/_headgate", "GET", "/_headgates", FORWARDED],
  ];
  for (const [prefix, method, target, expected] of cases) {
    test(`${prefix} ${method} ${target}: ${expected}`, () => {
      const controlTarget = createControlTargetOf(prefix)(method, target);
      assert.equal(controlTarget === null ? FORWARDED : `${method} ${controlTarget}`, expected);
    });
  }
});
