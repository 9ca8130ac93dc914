import assert from "node:assert/strict";
import { test } from "node:test";
import { flawOfHostPattern, flawOfPath, nameOfRoute, normalHost } from "../../src/config/pattern.ts";

test("paths with * for a segment and ** at the end", () => {
  for (const path of [
    "/",
    "/**",
    "/*",
    "/v1",
    "/v1/",
    "/v1/*/images/**",
    "/a%20b",
    "/a:b@c;d=e,f",
    "/~x/.y",
  ]) {
    assert.equal(flawOfPath(path), null, path);
  }
  const flaws: Record<string, RegExp> = {
    "": /begin with a slash/,
    "v1/*": /begin with a slash/,
    "*": /begin with a slash/,
    "/v1?x": /a path alone/,
    "/v1#x": /a path alone/,
    "/v1//x": /not have \/\//,
    "/**/x": /\*\* at the end/,
    "/v1/**/": /\*\* at the end/,
    "/v1*": /whole segment/,
    "/v1/a*b": /whole segment/,
    "/v1/***": /whole segment/,
    "/a b": /percent-encoded/,
    "/bücher": /percent-encoded/,
    "/a\\b": /percent-encoded/,
    "/100%": /percent-encoded/,
    "/a\n": /percent-encoded/,
  };
  for (const [path, flaw] of Object.entries(flaws)) assert.match(flawOfPath(path) ?? "", flaw, path);
});

test("hosts with *. for all names below", () => {
  for (const host of ["a.example", "*.a.example", "10.0.0.1", "::1", "[::1]", "localhost"]) {
    assert.equal(flawOfHostPattern(host), null, host);
  }
  const flaws: Record<string, RegExp> = {
    "*": /at the beginning only/,
    "a.*.example": /at the beginning only/,
    "*.*.example": /at the beginning only/,
    "a.example:80": /without a port/,
    "http://a": /host alone/,
    "*.": /be a host/,
    "": /be a host/,
  };
  for (const [host, flaw] of Object.entries(flaws)) assert.match(flawOfHostPattern(host) ?? "", flaw, host);
  assert.deepEqual(["*.A.Example", "::1", "[::1]"].map(normalHost), ["*.a.example", "[::1]", "[::1]"]);
});

test("a route is named after its first path and its methods, else after its host", () => {
  const names: [string, readonly string[], readonly string[], readonly string[]][] = [
    ["v1-images", ["/v1/images/**", "/x"], [], []],
    ["post-v1-images", ["/v1/images/**"], ["POST"], []],
    ["get-head-v1", ["/v1/*"], ["GET", "HEAD"], []],
    ["default", ["/**"], [], []],
    ["default", ["/"], [], []],
    ["delete-default", ["/"], ["DELETE"], []],
    ["a.example", ["/"], [], ["*.a.example"]],
    ["v1", ["/v1"], [], ["a.example"]],
    ["a-20b", ["/a%20b"], [], []],
    ["x".repeat(64), [`/${"x".repeat(99)}`], [], []],
  ];
  for (const [name, match, methods, hosts] of names) assert.equal(nameOfRoute(match, methods, hosts), name);
});
