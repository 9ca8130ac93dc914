import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isDeeper, parseExactly } from "../../src/lib/exact-json.ts";

describe("what is parsed and written again is the same JSON", () => {
  const TEXTS = [
    "12345678901234567890",
    "-9007199254740993",
    "1.0",
    "-1.50",
    "-0",
    "1e2",
    "1E400",
    "0.0000001",
    "0.1234567890123456789",
    '{"a":1,"b":[1.5,-3,{"c":100000000000000000000}],"d":"1.0e5"}',
    '[0.5,10,-7,"12345678901234567890",true,null]',
    '{"__proto__":{"x":1.0}}',
    "[ 1.10 , 2 ]",
    "[\n-0]",
  ];
  for (const text of TEXTS) {
    test(text, () => assert.equal(JSON.stringify(parseExactly(text)), text.replaceAll(/\s/g, "")));
  }
});

test("what is no JSON is none", () => {
  for (const text of ["", "{", "1.0.0", "01", "{a:1e5}"])
    assert.throws(() => parseExactly(text), SyntaxError);
});

test("numbers that JavaScript has are numbers", () => {
  assert.deepEqual(parseExactly('{"n":[1,0.25,-3],"big":9007199254740991}'), {
    n: [1, 0.25, -3],
    big: 9_007_199_254_740_991,
  });
});

test("depth counts arrays and objects, and nothing within texts", () => {
  for (const [text, depth] of [
    ["7", 0],
    ["[]", 1],
    ['[{"a":[]},[],{}]', 3],
    [String.raw`["[[[[", "\"[[[[", "\\", [1]]`, 2],
    ["[[[[", 4],
    ['["[[[', 1],
    ["[][][][]", 1],
  ] as const) {
    assert.equal(isDeeper(text, depth), false, text);
    if (depth > 0) assert.equal(isDeeper(text, depth - 1), true, text);
  }
});
