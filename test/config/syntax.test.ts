import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseYaml } from "../../src/config/syntax.ts";

describe("the first fault, with its line, in words", () => {
  const faults: Record<string, readonly [line: number, what: string]> = {
    "a:\n\tb: 1\n\tc: [\n": [2, "a tab; indent with spaces"],
    "x:\n  a: 1\n\n  b: 2\n  'a': 3\n": [5, "a: stands twice, in line 2 and here"],
    "{a: 1, b: {c: 1, c: 2}}\n": [1, "c: stands twice, in line 1 and here"],
    "a:\n  b:1\n  c: 2\n": [2, "b:1: must be `key: value`; is a space missing after the colon?"],
    "a\nb: 1\n": [1, "a: must be `key: value`; is a colon missing?"],
    "target:http://user:secret@h\nb: 1\n": [
      1,
      "target:http://***@h: must be `key: value`; is a space missing after the colon?",
    ],
    "\na: *\n": [2, "Alias cannot be an empty string (put quotes around text that begins with *)"],
    "a: 1\nb: [*.x]\n": [2, "*.x: stands for what &.x would mark; put quotes around text that begins with *"],
    "a: 1\n---\nb: 2\n": [2, "a second document begins; there can be only one"],
  };
  for (const [text, [line, what]] of Object.entries(faults)) {
    test(JSON.stringify(text), () => assert.deepEqual(parseYaml(text).fault, { line, what }));
  }
  const told: Record<string, RegExp> = {
    "a: b: c\n": /put quotes around text with a colon and a space in it\)$/,
    "a: @x\n": /^Plain value cannot start with reserved character @ \(put quotes around it\)$/,
    "a: !x y\n": /^Unresolved tag/,
  };
  for (const [text, what] of Object.entries(told)) {
    test(JSON.stringify(text), () => assert.match(parseYaml(text).fault?.what ?? "none", what));
  }
});

test("good YAML has none, aliases and their anchors included", () => {
  const { fault, document, lineOf } = parseYaml("a: &x {b: 1}\nc: *x\n");
  assert.deepEqual([fault, document.toJS(), lineOf(13)], [null, { a: { b: 1 }, c: { b: 1 } }, 2]);
});
