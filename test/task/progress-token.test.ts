import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgressTokens } from "../../src/task/progress-token.ts";

const tokens = createProgressTokens(Buffer.alloc(32, 1));

test("a token says for which attempt it was issued, to whoever has the key", () => {
  const token = tokens.issue("the-task", 12);
  assert.equal(tokens.attemptOf(token, "the-task"), 12);
  assert.equal(createProgressTokens(Buffer.alloc(32, 1)).attemptOf(token, "the-task"), 12);
});

test("another task, another attempt, another key: no token", () => {
  const token = tokens.issue("the-task", 1);
  assert.equal(tokens.attemptOf(token, "another"), null);
  assert.equal(tokens.attemptOf(token.replace("1.", "2."), "the-task"), null);
  assert.equal(createProgressTokens(Buffer.alloc(32, 2)).attemptOf(token, "the-task"), null);
  // Nobody can make one of two that were issued: `1` of task `1 1` is no `11` of `1`.
  assert.notEqual(tokens.issue("1 1", 1).slice(2), tokens.issue("1", 11).slice(3));
});

test("what is none is refused, however it looks", () => {
  const token = tokens.issue("t", 1);
  for (const text of [
    "",
    "1",
    "1.",
    token.slice(0, -1),
    `${token}A`,
    `0${token}`,
    `-${token}`,
    `${token} `,
    "💥",
  ])
    assert.equal(tokens.attemptOf(text, "t"), null, text);
});
