import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalIn } from "../../src/notify/chat-answer.ts";

test("a chat that answers 200 may have refused", () => {
  assert.equal(
    refusalIn('{"errcode":310000,"errmsg":"sign not match"}', "dingtalk"),
    "It refused: 310000 sign not match",
  );
  assert.equal(
    refusalIn('{"errcode":45009,"errmsg":"api freq out of limit"}', "wecom"),
    "It refused: 45009 api freq out of limit",
  );
  assert.equal(
    refusalIn('{"code":19021,"msg":"sign match fail"}', "feishu"),
    "It refused: 19021 sign match fail",
  );
  assert.equal(refusalIn(`{"errcode":1,"errmsg":"${"x".repeat(999)}"}`, "wecom")?.length, 200);
});

test("and has not, or does not say", () => {
  assert.equal(refusalIn('{"errcode":0,"errmsg":"ok"}', "dingtalk"), null);
  assert.equal(refusalIn('{"errcode":0,"errmsg":"ok"}', "wecom"), null);
  assert.equal(
    refusalIn('{"StatusCode":0,"StatusMessage":"success","code":0,"msg":"success"}', "feishu"),
    null,
  );
  for (const text of ["", "ok", "null", "[]", "7", '{"errcode":']) {
    assert.equal(refusalIn(text, "dingtalk"), null, text);
  }
  assert.equal(refusalIn('{"errcode":7}', "slack"), null);
  assert.equal(refusalIn('{"code":7}', "standard"), null);
});
