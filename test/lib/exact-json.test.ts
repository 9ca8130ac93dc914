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
    "[1.0,4503599627370496,1.50,4503599627370497,-4503599627370496,4503599627370496.0,4503599627370496e0]",
    String.raw`{"1.0":1.0,"\"2.0":["\\",3.0],"-0":-0e0}`,
  ];
  for (const text of TEXTS) {
    test(text, () => assert.equal(JSON.stringify(parseExactly(text)), text.replaceAll(/\s/g, "")));
  }
});

test("what is no JSON is none", () => {
  for (const text of [
    "",
    "{",
    "1.0.0",
    "01",
    "{a:1e5}",
    "-",
    "[1e]",
    "[1.0 2.0]",
    "[1.]",
    "[00.0]",
    "[+1.0]",
    "x1.0",
    "{1.0:1}",
  ])
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

test("one number that JavaScript has not makes the rest no slower than a few times", () => {
  const rest = ",{}".repeat(500_000);
  const msFor = (text: string): number => {
    const began = process.cpuUsage();
    parseExactly(text);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  };
  const best = (text: string): number => Math.min(...Array.from({ length: 3 }, () => msFor(text)));
  const without = best(`[1${rest}]`);
  const one = best(`[1e5${rest}]`);
  // Measured: 2 times; with a reviver 7 times and more.
  assert.ok(one < 4 * without, `${one} ms instead of ${without} ms`);
});
