// What is wrong in the sections of the file, and where.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { problemsOf } from "./loading.ts";

test("every problem at once, each with line and path", () => {
  const file = `max_concurent: 4
targets:
  models:
    urls:
      - http://a
      - http://a/
      - ftp://b
      - {url: http://c, wieght: 2}
    hash_by: path
    circuit: {open: 10m, max_open: 5m}
  bad name: http://user:secret@h
routes:
  - match: /v1/images/**
    target: model
    retry:
      backoff:
        initial: "1 sec"
      on: [99, connect]
      attemps: 3
  - match: [/a/**/b, c]
    target: http://x
  - target: models
  - match: /b
    target: models
    fail_on: [7xx]
    burst: 3
  - hello
clients:
  gold: 4
`;
  assert.deepEqual(
    problemsOf({ file }).map((problem) => problem.replace(/^headgate\.yaml:/, "")),
    [
      "1: max_concurent: is no option and none of targets, routes, clients, keys, secrets, webhooks, alerts; did you mean max_concurrent?",
      "11: targets.bad name: is no name; it must be 1 to 64 letters, digits and - _ .",
      '7: targets.models.urls[2]: "ftp://b": must begin with http:// or https:// and a host',
      "8: targets.models.urls[3].wieght: is no field of targets.models.urls[3]; did you mean weight?",
      '11: targets.bad name: "http://***@h": must not carry a user name or password (they would show in logs; have clients send Authorization, which is forwarded)',
      "19: routes[0].retry.attemps: is no field of routes[0].retry; did you mean attempts?",
      "18: routes[0].retry.on[0]: 99: must be a status from 400 to 599, connect, timeout or reset",
      '17: routes[0].retry.backoff.initial: "1 sec": must be a duration from 1ms to 3650d such as 500ms, 30s, 10m, 2h or 7d; a bare number is seconds; did you mean 1s?',
      '20: routes[1].match[0]: "/a/**/b": must have ** at the end only',
      '20: routes[1].match[1]: "c": must begin with a slash',
      "22: routes[2].match: is required",
      '25: routes[3].fail_on[0]: "7xx": must be a status from 200 to 599, or a class of them: 2xx, 3xx, 4xx, 5xx',
      '27: routes[4]: "hello": must have fields: match, methods, hosts, name, target, max_concurrent, rate, burst, queue, timeout, start_within, retry, idempotent, fail_on, wait, on_cancel, key_header, cache, priority, retention',
      "29: clients.gold: 4: must have fields: weight",
      '6: targets.models.urls[1]: "http://a/": is the same URL as targets.models.urls[0]; give it once, with a `weight` if it should get more',
      '9: targets.models.hash_by: "path": has no meaning with `balance: round_robin`; only with hash',
      '10: targets.models.circuit.max_open: "5m": must not be shorter than `open`',
      '14: routes[0].target: "model": is not among the `targets` (models, bad name); did you mean models?',
      "26: routes[3].burst: 3: needs a `rate`",
    ],
  );
});

describe("wrong values, by field", () => {
  const wrong: Record<string, readonly string[]> = {
    methods: ["[PO ST]", "''", "5", "GTE"],
    hosts: ["a:80", "'*'", "http://a"],
    name: ["''", "a b", "a/b", "x".repeat(65)],
    target: ["a b", "ftp://x", "http://u@x", "5"],
    max_concurrent: ["0", "1.5", "atuo", "null", "100001"],
    rate: ["0/s", "50", "50/w", "50 /s", "1.5/s", "-1/s", "12345678/s", "{}"],
    queue: ["0", "'5'"],
    timeout: ["0", "soon"],
    start_within: ["0", "never"],
    retry: ["on", "true", "3", "[]", "null", "{attempts: 0}", "{on: [399]}", "{on: [600]}", "{on: [conect]}"],
    idempotent: ["yes", "1"],
    fail_on: ["[199]", "[600]", "[1xx]", "[4XX]", "all"],
    wait: ["61s", "-1"],
    cache: ["on", "{ttl: 0}", "{ttl: headers}", "{coalesce: 1}"],
    priority: ["-1", "10", "high"],
    retention: ["0", "500ms"],
    nonsense: ["1"],
  };
  for (const [field, values] of Object.entries(wrong)) {
    test(field, () => {
      for (const value of values) {
        const file = `target: http://t\nroutes:\n  - match: /a\n    ${field}: ${value}\n`;
        const problems = problemsOf({ file });
        assert.equal(problems.length, 1, `${field}: ${value}: ${problems.join("\n")}`);
        assert.match(
          problems[0]!,
          new RegExp(`^headgate\\.yaml:4: routes\\[0\\]\\.${field}.*: (?:must|is no|has no value; must) `),
        );
      }
    });
  }
});

describe("wrong targets", () => {
  const wrong: Record<string, RegExp> = {
    "{}": /targets\.p\.urls: is required/,
    "[]": /targets\.p: \[\]: must not be empty/,
    "{urls: []}": /targets\.p\.urls: \[\]: must not be empty/,
    null: /targets\.p: has no value; must be an http/,
    "{urls: http://a, balance: random}": /balance: "random": must be one of round_robin/,
    "{urls: http://a, balance: hash, hash_by: cookie}": /hash_by: "cookie": must be path, or header:/,
    "{urls: http://a, balance: hash, hash_by: 'header:'}": /hash_by: "header:": must be/,
    "{urls: http://a, health: {}}": /targets\.p\.health\.path: is required/,
    "{urls: http://a, health: {path: health}}": /health\.path: "health": must be a path/,
    "{urls: http://a, health: /health}": /health: "\/health": must have fields: path/,
    "{urls: http://a, retry_budget: 10}": /retry_budget: 10: must be a share/,
    "{urls: http://a, retry_budget: 101%}": /retry_budget: "101%": must be a share/,
    "{urls: [{url: http://a, weight: 0}]}": /targets\.p\.urls\[0\]\.weight: 0: must be/,
    "{urls: [{weight: 2}]}": /targets\.p\.urls\[0\]\.url: is required/,
    "{url: http://a}": /targets\.p\.url: is no field of targets\.p; did you mean urls\?/,
  };
  for (const [pool, problem] of Object.entries(wrong)) {
    test(pool, () => {
      const problems = problemsOf({ file: `target: http://t\ntargets: {p: ${pool}}\n` });
      assert.match(problems.join("\n"), problem);
    });
  }
});

describe("what contradicts", () => {
  const target = "target: http://t\n";
  const contradicting: Record<string, RegExp> = {
    [`${target}routes: [{match: /a}, {match: [/b, /a], name: x}, {match: [/a, /b]}]\n`]:
      /^headgate\.yaml:2: routes\[2\]\.match: \["\/a","\/b"\]: matches exactly what x matches \(routes\[1\], headgate\.yaml:2\)$/,
    [`${target}routes: [{match: /, name: x}, {match: /**, name: y}]\n`]:
      /matches exactly what x matches \(routes\[0\]/,
    [`${target}routes: [{match: /a, methods: get}, {match: /a, methods: [GET], name: x}]\n`]:
      /matches exactly/,
    [`${target}routes: [{match: /a}, {match: /a/**}]\n`]:
      /routes\[1\]\.match: "\/a\/\*\*": makes the name a, which routes\[0\] \(headgate\.yaml:2\) has; give one of them a `name`$/,
    [`${target}routes: [{match: /a, name: x}, {match: /b, name: x}]\n`]:
      /routes\[1\]\.name: "x": is also the name of routes\[0\] \(headgate\.yaml:2\)$/,
    [`${target}targets: {default: http://d}\n`]:
      /targets\.default: is what the target of the options is called/,
    "targets: {a: http://a, b: http://b}\nroutes: [{match: /a}]\n":
      /routes\[0\]\.target: is required: a URL, or one of `targets` \(a, b\)$/,
    "routes: [{match: /a}]\n": /target: is required: a URL, or one of `targets` \(none\)$/,
    "targets: {a: http://a}\nroutes: [{match: /a, target: http://b}]\n": /would be named a like its route/,
    [`${target}routes: [{match: /a, retry: {backoff: {initial: 3s, max: 2s}}}]\n`]:
      /routes\[0\]\.retry\.backoff\.max: "2s": must not be shorter than `initial`/,
    "targets: {a: http://a}\n": /^--target-host: is required.*`routes` in the file/,
    "routes: []\n": /^--target-host: is required/,
    "target_port: 9\nroutes: [{match: /a, target: http://a}]\n":
      /^headgate\.yaml:1: target_port: 9: needs --target-host$/,
    "routes: {match: /a}\n": /routes: \{"match":"\/a"\}: must be a list/,
    "target: http://t\ntargets: [http://a]\n": /targets: \["http:\/\/a"\]: must be entries by name/,
    "target: http://t\nroute: []\n":
      /^headgate\.yaml:2: route: is no option and none of .*; did you mean routes\?$/,
  };
  for (const [file, problem] of Object.entries(contradicting)) {
    test(JSON.stringify(file), () => {
      const problems = problemsOf({ file });
      assert.match(problems[0] ?? "none", problem);
    });
  }
});

describe("the name of the route to the target of the options", () => {
  const target = "target: http://t\n";
  const taken: Record<string, RegExp> = {
    "{match: /a, name: default}":
      /^headgate\.yaml:2: routes\[0\]\.name: "default": is the name of the route to the target of the options; /,
    "{match: /*}": /^headgate\.yaml:2: routes\[0\]\.match: "\/\*": makes the name of the route to the target/,
    "{match: /, methods: GET, name: default}": /routes\[0\]\.name/,
    "{match: /, hosts: a.example, name: default}": /routes\[0\]\.name/,
    "{match: /default, target: http://x}": /routes\[0\]\.match/,
  };
  for (const [route, problem] of Object.entries(taken)) {
    test(`is not for ${route}`, () => {
      const problems = problemsOf({ file: `${target}routes: [${route}]\n` });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0]!, problem);
    });
  }
  test("is free where another route is for everything, or the options name no target", () => {
    const all = `${target}routes: [{match: /a, name: default}, {match: /**, name: all}]\n`;
    assert.deepEqual(problemsOf({ file: all }), []);
    const own = "routes: [{match: /a, name: default, target: http://x}]\n";
    assert.deepEqual(problemsOf({ file: own }), []);
  });
});

describe("what was probably meant", () => {
  const meant: Record<string, string> = {
    "timeout: 30sec": "; did you mean 30s?",
    "timeout: 500 ms": "; did you mean 500ms?",
    "wait: 10 seconds": "; did you mean 10s?",
    "wait: 2 minutes": "off and false are 0s", // it would be too long
    "rate: 5/sec": "; did you mean 5/s?",
    "max_concurrent: Auto": "; did you mean auto?",
    'max_concurrent: "1"': "or auto; without quotes",
    "retry: {on: [conect]}": "; did you mean connect?",
    'retry: {on: ["503"]}': "; without quotes",
    "retry: {backoff: {jitter: ful}}": "; did you mean full?",
    "methods: [POST, GTE]": "must be an HTTP method; did you mean GET?",
    "idempotent: yes": "must be true or false (YAML 1.2 knows no yes and no)",
    'idempotent: "true"': "must be true or false; without quotes",
    "cache: {ttl: from_header}": "; did you mean from_headers?",
    "rate:": "rate: has no value; must be a number in a time such as 50/s, 10/m, 1000/h or 5/d",
    "retry:": "retry: has no value; must be off or false, or have fields such as attempts",
    "hosts: *.example.com":
      "*.example.com: stands for what &.example.com would mark; put quotes around text that begins with *",
    "name:x": "name:x: must be `key: value`; is a space missing after the colon?",
  };
  for (const [field, words] of Object.entries(meant)) {
    test(field, () => {
      const file = `target: http://t\nroutes:\n  - match: /a\n    ${field}\n    queue: 7\n`;
      const problems = problemsOf({ file });
      assert.equal(problems.length, 1, problems.join("\n"));
      const [problem = ""] = problems;
      assert.ok(problem.startsWith("headgate.yaml:4: "), problem);
      assert.ok(problem.endsWith(words), problem);
    });
  }
  test("of targets", () => {
    const file = "target: http://t\ntargets: {p: {urls: http://a, balance: leastbusy}}\n";
    assert.match(problemsOf({ file }).join("\n"), /; did you mean least_busy\?$/);
  });
  test("of a route without a space", () =>
    assert.match(
      problemsOf({ file: "target: http://t\nroutes: [match:/a]\n" }).join("\n"),
      /^headgate\.yaml:2: routes\[0\]: "match:\/a": must have fields: .*; is a space missing after the colon\?$/,
    ));
});

test("a wrong field does not make others wrong", () => {
  const same = "target: http://t\nroutes: [{match: /a, methods: [G T]}, {match: /a}]\n";
  assert.equal(problemsOf({ file: same }).length, 1);
  const known = "targets: {m: {urls: ftp://x}}\nroutes: [{match: /a, target: m}]\n";
  assert.equal(problemsOf({ file: known }).length, 1);
  const rate = "target: http://t\nroutes: [{match: /a, rate: x, burst: 3}]\n";
  assert.equal(problemsOf({ file: rate }).length, 1);
});

test("what an alias leads to is found where it is written", () => {
  const file =
    "target: http://t\nroutes:\n  - match: /a\n    retry: &r\n      attempts: 0\n  - match: /b\n    retry: *r\n";
  assert.deepEqual(
    problemsOf({ file }).map((problem) => problem.split(": must")[0]),
    ["headgate.yaml:5: routes[0].retry.attempts: 0", "headgate.yaml:5: routes[1].retry.attempts: 0"],
  );
});
