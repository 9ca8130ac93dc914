import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { RouteConfig } from "../../src/config/config.ts";
import { createRouter } from "../../src/intake/router.ts";
import { newLane } from "../rig/lane.ts";

interface Matched {
  readonly paths?: readonly string[];
  readonly methods?: readonly string[];
  readonly hosts?: readonly string[];
}

/** Routes whose lanes are named `0`, `1`, … in the order of the file. */
function routesOf(...matched: readonly Matched[]): readonly RouteConfig[] {
  return matched.map(({ paths = [], methods = [], hosts = [] }, i) => ({
    paths,
    methods,
    hosts,
    lane: newLane({ name: String(i) }),
  }));
}

function on(...patterns: readonly string[]): (target: string) => string | null {
  const route = createRouter(routesOf(...patterns.map((path) => ({ paths: [path] }))));
  return (target) => {
    const lane = route("GET", target, "h");
    return lane === null ? null : (patterns[Number(lane.name)] ?? null);
  };
}

describe("a pattern", () => {
  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ["/v1/images", ["/v1/images", "/v1/images?a=/b"], ["/v1/images/", "/v1/image", "/v1", "/", "/V1/images"]],
    ["/v1/*", ["/v1/a", "/v1/%2F", "/v1/a?b/c"], ["/v1", "/v1/", "/v1/a/", "/v1/a/b"]],
    ["/v1/*/b", ["/v1/a/b"], ["/v1//b", "/v1/b", "/v1/a/a/b"]],
    ["/v1/**", ["/v1", "/v1/", "/v1/a", "/v1/a/b/", "/v1?q"], ["/v10", "/", "/a/v1"]],
    ["/**", ["/", "/a", "/a//b?c"], []],
    ["/", ["/", "/a", "/a/b"], []],
    ["/a%2Fb", ["/a%2Fb"], ["/a/b", "/a%2fb"]],
    ["/a/../b", ["/a/../b"], ["/b"]],
    ["/v1/", ["/v1/"], ["/v1"]],
  ];
  for (const [pattern, matching, others] of cases) {
    test(pattern, () => {
      const route = on(pattern);
      for (const target of matching) assert.equal(route(target), pattern, target);
      for (const target of others) assert.equal(route(target), null, target);
    });
  }
});

test("the most specific wins, segment by segment, whatever the order in the file", () => {
  const route = on("/**", "/*/b/c", "/a/**", "/a/*/c", "/a/b/**", "/a/b", "/a/b/*");
  assert.deepEqual(["/a/b/c", "/a/x/c", "/a/b", "/a/b/", "/a/b/c/d", "/a", "/x/b/c", "/x"].map(route), [
    "/a/b/*",
    "/a/*/c",
    "/a/b",
    "/a/b/**",
    "/a/b/**",
    "/a/**",
    "/*/b/c",
    "/**",
  ]);
});

test("a route that fails on the method gives way to the next best", () => {
  const route = createRouter(
    routesOf(
      { paths: ["/a/b"], methods: ["POST"] },
      { paths: ["/a/*"], methods: ["PUT"] },
      { paths: ["/**"] },
      { paths: ["/a/b"], methods: ["GET"] },
    ),
  );
  const lanes = ["POST", "PUT", "DELETE", "GET", "HEAD"].map((method) => route(method, "/a/b", "h")?.name);
  assert.deepEqual(lanes, ["0", "1", "2", "3", "3"]);
});

test("a route that names methods comes before one that does not, then the first in the file", () => {
  const route = createRouter(routesOf({}, { methods: ["GET"] }, { methods: ["GET", "POST"] }, {}));
  assert.deepEqual(
    ["GET", "POST", "PUT"].map((method) => route(method, "/", undefined)?.name),
    ["1", "2", "0"],
  );
});

describe("a host", () => {
  const route = createRouter(
    routesOf(
      { hosts: ["api.example.com"], paths: ["/v1/**"] },
      { hosts: ["*.example.com"] },
      { hosts: ["*.eu.example.com"], methods: ["POST"] },
      { hosts: ["[2001:db8::1]", "192.0.2.1"] },
      { paths: ["/v1/a"] },
    ),
  );
  const cases: readonly [string | undefined, string, string | null][] = [
    ["api.example.com", "/v1/a", "0"],
    ["API.Example.COM.:8080", "/v1/a", "0"],
    ["api.example.com", "/v2", "1"],
    ["a.b.example.com", "/v1/a", "1"],
    ["a.eu.example.com", "/x", "2"],
    ["eu.example.com", "/x", "1"],
    ["example.com", "/v1/a", "4"],
    ["notexample.com", "/v2", null],
    [".example.com", "/v2", null],
    ["[2001:DB8::1]:443", "/x", "3"],
    ["192.0.2.1:80", "/x", "3"],
    [undefined, "/v1/a", "4"],
    ["", "/v1/a", "4"],
    [undefined, "/v2", null],
  ];
  for (const [host, target, lane] of cases) {
    test(`${host} ${target}`, () => assert.equal(route("POST", target, host)?.name ?? null, lane));
  }
});

test("no route, no lane", () => assert.equal(createRouter([])("GET", "/", "h"), null));

test("a long path costs no more than the patterns are deep", () => {
  const route = on("/**", "/*/*/*/x");
  assert.equal(route(`/${"a/".repeat(100_000)}`), "/**");
});

// The same rules, told once more without any cleverness: score all that match, take the best.

function scoreOf(route: RouteConfig, method: string, target: string, host: string): number[] | null {
  const isMethod =
    route.methods.length === 0 ||
    route.methods.includes(method) ||
    (method === "HEAD" && route.methods.includes("GET"));
  if (!isMethod) return null;
  const path = (target.split("?", 1)[0] ?? "").slice(1).split("/");
  const paths = route.paths.length === 0 ? ["/**"] : route.paths;
  const hosts = route.hosts.length === 0 ? [""] : route.hosts;
  const scores = hosts.flatMap((name) => {
    const byHost = name === "" ? 0 : name === host ? 1_000 : 0;
    const isBelow = name.startsWith("*.") && host.endsWith(name.slice(1)) && host !== name.slice(1);
    if (name !== "" && byHost === 0 && !isBelow) return [];
    return paths.flatMap((pattern) => {
      const byPath = pathScore(pattern === "/" ? "/**" : pattern, path);
      return byPath === null ? [] : [[isBelow ? name.length : byHost, ...byPath]];
    });
  });
  const best = scores.toSorted(compare).at(-1);
  if (best === undefined) return null;
  return [...best, route.methods.length === 0 ? 0 : 1];
}

const DEPTH = 6;

function pathScore(pattern: string, path: readonly string[]): number[] | null {
  const wanted = pattern.slice(1).split("/");
  const score: number[] = [];
  for (let i = 0; i < DEPTH; i++) {
    const segment = wanted[i];
    if (segment === "**") return [...score, ...Array.from({ length: DEPTH - i }, () => 1)];
    if (segment === undefined) {
      return i === path.length ? [...score, ...Array.from({ length: DEPTH - i }, () => 3)] : null;
    }
    if (path[i] === undefined) return null;
    if (segment === path[i]) score.push(3);
    else if (segment === "*" && path[i] !== "") score.push(2);
    else return null;
  }
  return score;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function naive(routes: readonly RouteConfig[], method: string, target: string, host: string): string | null {
  let best: { readonly score: number[]; readonly name: string } | null = null;
  for (const route of routes) {
    const score = scoreOf(route, method, target, host);
    if (score !== null && (best === null || compare(score, best.score) > 0)) {
      best = { score, name: route.lane.name };
    }
  }
  return best?.name ?? null;
}

test("agrees with scoring every route", () => {
  const segment = fc.constantFrom("a", "b", "c", "");
  const pattern = fc
    .tuple(
      fc.array(fc.constantFrom("a", "b", "c", "*", ""), { minLength: 1, maxLength: 4 }),
      fc.constantFrom("", "/**"),
    )
    .map(([segments, end]) => `/${segments.join("/")}${end}`);
  const matched: fc.Arbitrary<Matched> = fc.record({
    paths: fc.array(fc.oneof(pattern, fc.constantFrom("/", "/**")), { maxLength: 3 }),
    methods: fc.array(fc.constantFrom("GET", "POST", "HEAD"), { maxLength: 2 }),
    hosts: fc.array(fc.constantFrom("h.x", "*.x", "*.h.x", "y"), { maxLength: 2 }),
  });
  const target = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.constantFrom("", "?q", "?/a"))
    .map(([segments, query]) => `/${segments.join("/")}${query}`);
  fc.assert(
    fc.property(
      fc.array(matched, { maxLength: 8 }),
      fc.constantFrom("GET", "POST", "HEAD", "PUT"),
      target,
      fc.constantFrom("h.x", "g.x", "a.h.x", "y", "z"),
      (given, method, path, host) => {
        const routes = routesOf(...given);
        const lane = createRouter(routes)(method, path, host);
        assert.equal(lane?.name ?? null, naive(routes, method, path, host));
      },
    ),
    { numRuns: 3_000 },
  );
});
