import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readText } from "../../src/config/file.ts";
import { load, problemsOf } from "./loading.ts";

const TARGET = { "target-host": "h" };
const problemsIn = (text: string): readonly string[] =>
  readText("headgate.yaml", text).problems.map(({ where, what }) => `${where}: ${what}`);

test("an empty file, or one with comments only, says nothing", () => {
  for (const text of ["", "\n", "# nothing\n", "---\n", "\ufeff"]) {
    const { given, problems, sections } = readText("headgate.yaml", text);
    assert.deepEqual([given, problems, sections([]).value], [[], [], {}], JSON.stringify(text));
  }
});

test("lines are counted where the option stands", () => {
  const text = "# one\n\nstore: memory\n# four\nmax_concurrent: 3\n";
  const { given, problems } = readText("headgate.yaml", text);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    given.map(({ origin, option, value }) => [origin, option.name, value]),
    [
      ["headgate.yaml:3", "store", "memory"],
      ["headgate.yaml:5", "max-concurrent", 3],
    ],
  );
});

test("an unknown key, with the one that was meant", () => {
  assert.deepEqual(problemsIn("store: memory\nmax_concurent: 3\n"), [
    "headgate.yaml:2: max_concurent: is no option and none of targets, routes, clients, keys, secrets, webhooks, alerts; did you mean max_concurrent?",
  ]);
  assert.deepEqual(problemsIn("max-concurrent: 3\n"), [
    "headgate.yaml:1: max-concurrent: is no option and none of targets, routes, clients, keys, secrets, webhooks, alerts; did you mean max_concurrent?",
  ]);
  assert.deepEqual(problemsIn("__proto__: {a: 1}\n? [a, b]\n: c\nconfig: x\n"), [
    "headgate.yaml:1: __proto__: is no option and none of targets, routes, clients, keys, secrets, webhooks, alerts",
    'headgate.yaml:2: ["a","b"]: is no option and none of targets, routes, clients, keys, secrets, webhooks, alerts',
    "headgate.yaml:4: config: is no option and none of targets, routes, clients, keys, secrets, webhooks, alerts",
  ]);
});

describe("what is no YAML says where, and nothing else", () => {
  const bomb = `trusted_proxies: [&a [x, x], &b [${"*a, ".repeat(20)}], &c [${"*b, ".repeat(20)}], [${"*c, ".repeat(20)}]]\n`;
  const broken: Record<string, RegExp> = {
    "store: memory\nstore: sqlite\n": /^headgate\.yaml:2: store: stands twice, in line 1 and here$/,
    "store: memory\n\t- x: [\n": /^headgate\.yaml:2: a tab; indent with spaces$/,
    "routes: &a [*a]\n": /^headgate\.yaml:1: routes: an alias stands for what it is a part of$/,
    "a: 'unfinished\n": /^headgate\.yaml:\d: /,
    "store: !secret x\n": /^headgate\.yaml:1: Unresolved tag/,
    "store: *nobody\n": /^headgate\.yaml:1: \*nobody: stands for what &nobody would mark; put quotes around /,
    [bomb]: /^headgate\.yaml:1: trusted_proxies: Excessive alias count/,
    "a: 1\n---\nb: 2\n": /^headgate\.yaml:2: a second document begins/,
    "- store\n": /^headgate\.yaml:1: must hold options/,
    "just words\n": /^headgate\.yaml:1: must hold options.*; is a colon missing\?$/,
    "target:http://x\n": /^headgate\.yaml:1: must hold options.*; is a space missing after the colon\?$/,
  };
  for (const [text, problem] of Object.entries(broken)) {
    test(JSON.stringify(text), () => {
      const problems = problemsOf({ file: text });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0]!, problem);
    });
  }
});

test("a value of another type is wrong, not converted", () => {
  assert.deepEqual(
    problemsOf({
      flags: TARGET,
      file: "max_concurrent: true\nstore:\nlog_level: 3\npreserve_host: 'true'\n",
    }),
    [
      "headgate.yaml:1: max_concurrent: true: must be a whole number from 1 to 100000",
      "headgate.yaml:2: store: has no value; must be one of sqlite, memory",
      "headgate.yaml:3: log_level: 3: must be one of trace, debug, info, warn, error, fatal, silent",
      'headgate.yaml:4: preserve_host: "true": must be true or false; without quotes',
    ],
  );
});

test("a file that is not there is named as it was given, and what it might have said is not missed", () => {
  const flag = problemsOf({ flags: { config: "no/such.yaml", "target-port": "9" } });
  assert.equal(flag.length, 1);
  assert.match(flag[0]!, /^--config no\/such\.yaml: cannot be read \(ENOENT/);
  const variable = problemsOf({ environment: { HEADGATE_CONFIG: "/tmp" } });
  assert.equal(variable.length, 1);
  assert.match(variable[0]!, /^HEADGATE_CONFIG \/tmp: cannot be read \(EISDIR/);
});

test("what is wrong elsewhere is told beside a broken file", () => {
  const problems = problemsOf({ flags: { store: "disk" }, file: "a: 'b\n" });
  assert.deepEqual(
    problems.map((problem) => problem.split(": ")[0]),
    ["headgate.yaml:2", "--store disk"],
  );
});

test("an empty file names no target", () => {
  assert.match(problemsOf({ file: "# nothing\n" }).join("\n"), /^--target-host: is required[^\n]*$/);
});

test("a variable may name the file, a flag names another", () => {
  const environment = { HEADGATE_CONFIG: "no/such.yaml" };
  assert.equal(load({ flags: TARGET, environment, file: "num_workers: 9\n" }).config.numWorkers, 9);
});
