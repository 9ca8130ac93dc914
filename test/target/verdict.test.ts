import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadgateError } from "../../src/lib/error.ts";
import {
  answered,
  brokenOff,
  failed,
  neverSent,
  notKept,
  postponed,
  unknown,
} from "../../src/target/ending.ts";
import { judge } from "../../src/target/verdict.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const TARGET = "http://t";

const answer = (status: number, ...headers: string[]): Exchange =>
  answered(TARGET, status, headers, EMPTY_BODY);

const FULL = new HeadgateError("storage_full", "full");
const CASES: readonly [Exchange, string][] = [
  [answer(200), "success"],
  [answer(302), "success"],
  [answer(404), "success"],
  [answer(500), "success"],
  [answer(501), "success"],
  [answer(429), "refusal"],
  [answer(429, "Retry-After", "2"), "refusal"],
  [answer(503, "retry-after", "2"), "refusal"],
  [answer(503), "failure"],
  [answer(503, "Retry-After", "soon"), "failure"],
  [answer(502, "Retry-After", "2"), "failure"],
  [answer(504), "failure"],
  [neverSent(TARGET, "connection_refused"), "failure"],
  [neverSent(TARGET, "dns_error"), "failure"],
  [neverSent(TARGET, "http_request_error"), "nothing"],
  [failed(TARGET, FULL, false, 0), "nothing"],
  [failed(TARGET, FULL, true, 200), "nothing"],
  [failed(TARGET, new Error("odd"), true, 0), "nothing"],
  [unknown(TARGET, "http_response_timeout"), "failure"],
  [unknown(TARGET, "connection_terminated"), "failure"],
  [unknown(TARGET, "http_response_incomplete"), "nothing"],
  [unknown(TARGET, "http_protocol_error"), "nothing"],
  [notKept(TARGET, new HeadgateError("body_too_large", "large"), 200), "nothing"],
  [brokenOff(TARGET, "cancelled", true), "nothing"],
  [brokenOff(TARGET, "interrupted", true), "nothing"],
  [postponed("queued", null), "nothing"],
];

for (const [exchange, kind] of CASES) {
  test(`${JSON.stringify(exchange).slice(0, 110)} is ${kind}`, () => {
    const verdict = judge(exchange, NOW, false);
    assert.equal(verdict.kind, kind);
    assert.equal(verdict.failure !== null, kind === "failure");
  });
}

test("Retry-After is read of 429 and 503 alone, in seconds and as a date", () => {
  assert.equal(judge(answer(429, "Retry-After", "2"), NOW, false).leaveAloneMs, 2_000);
  const date = "Thu, 01 Jan 2026 00:00:30 GMT";
  assert.equal(judge(answer(503, "Retry-After", date), NOW, false).leaveAloneMs, 30_000);
  assert.equal(judge(answer(429), NOW, false).leaveAloneMs, null);
  assert.equal(judge(answer(502, "Retry-After", "2"), NOW, false).leaveAloneMs, null);
});

test("too late tells against a target only where there is another", () => {
  const late = unknown(TARGET, "http_response_timeout");
  assert.deepEqual([judge(late, NOW, false).kind, judge(late, NOW, true).kind], ["failure", "nothing"]);
  assert.equal(judge(neverSent(TARGET, "connection_timeout"), NOW, true).kind, "failure");
});
