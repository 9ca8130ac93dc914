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
    "headgate.yaml:2: max_concurent: is no option; did you mean max_concurrent?",
  ]);
  assert.deepEqual(problemsIn("max-concurrent: 3\n"), [
    "headgate.yaml:1: max-concurrent: is no option; did you mean max_concurrent?",
  ]);
  assert.deepEqual(problemsIn("__proto__: {a: 1}\n? [a, b]\n: c\nconfig: x\n"), [
    "headgate.yaml:1: __proto__: is no option",
    'headgate.yaml:2: ["a","b"]: is no option',
    "headgate.yaml:4: config: is no option",
  ]);
});

describe("what is no YAML says where", () => {
  const bomb = `trusted_proxies: [&a [x, x], &b [${"*a, ".repeat(20)}], &c [${"*b, ".repeat(20)}], [${"*c, ".repeat(20)}]]\n`;
  const broken: Record<string, RegExp> = {
    "store: memory\nstore: sqlite\n": /^headgate\.yaml:2: Map keys must be unique/,
    "store: memory\n\t- x: [\n": /^headgate\.yaml:2: /,
    "a: 'unfinished\n": /^headgate\.yaml:\d: /,
    "store: !secret x\n": /^headgate\.yaml:1: Unresolved tag/,
    "store: *nobody\n": /^headgate\.yaml:1: store: Unresolved alias/,
    [bomb]: /^headgate\.yaml:1: trusted_proxies: Excessive alias count/,
    "a: 1\n---\nb: 2\n": /^headgate\.yaml:2: /,
    "- store\n": /^headgate\.yaml:1: must hold options/,
    "just words\n": /^headgate\.yaml:1: must hold options/,
  };
  for (const [text, problem] of Object.entries(broken)) {
    test(JSON.stringify(text), () => assert.match(problemsIn(text)[0] ?? "none", problem));
  }
});

test("a value of another type is wrong, not converted", () => {
  assert.deepEqual(
    problemsOf({
      flags: TARGET,
      file: "max_concurrent: true\nstore:\nlog_level: 3\npreserve_host: 'true'\n",
    }).map((problem) => problem.split(": must")[0]),
    [
      "headgate.yaml:1: max_concurrent: true",
      "headgate.yaml:2: store: null",
      "headgate.yaml:3: log_level: 3",
      'headgate.yaml:4: preserve_host: "true"',
    ],
  );
});

test("a file that is not there is named as it was given", () => {
  const [flag] = problemsOf({ flags: { ...TARGET, config: "no/such.yaml" } });
  assert.match(flag!, /^--config no\/such\.yaml: cannot be read \(ENOENT/);
  const [variable] = problemsOf({ flags: TARGET, environment: { HEADGATE_CONFIG: "/tmp" } });
  assert.match(variable!, /^HEADGATE_CONFIG \/tmp: cannot be read \(EISDIR/);
});

test("a variable may name the file, a flag names another", () => {
  const environment = { HEADGATE_CONFIG: "no/such.yaml" };
  assert.equal(load({ flags: TARGET, environment, file: "num_workers: 9\n" }).config.numWorkers, 9);
});
