import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide, DEFAULT_POLICY, NODE_LOST, retryAfterMs } from "../../src/task/decide.ts";
import type { Exchange } from "../../src/task/exchange.ts";
import type { Settlement } from "../../src/task/settlement.ts";
import type { ClaimedTask, RawHeaders } from "../../src/task/task.ts";
import { EMPTY_BODY } from "../../src/task/task.ts";
import { claimed } from "./claimed.ts";

const NOW = 5_000_000;
const TARGET = "http://127.0.0.1:8000";
const REFUSED = { code: "connection_refused", message: "refused" };
const RESET = { code: "connection_terminated", message: "reset" };

function decided(task: ClaimedTask, exchange: Exchange, random = 0.5): Settlement {
  return decide(task, exchange, DEFAULT_POLICY, { now: NOW, random });
}

function answered(status: number, headers: RawHeaders = []): Exchange {
  return { kind: "answered", target: TARGET, response: { status, headers, body: EMPTY_BODY } };
}

/** State and reason, and for a task that goes back in line the wait. */
function gist(settlement: Settlement): string {
  if (settlement.to !== "pending") return `${settlement.to} ${settlement.reason}`;
  const wait = settlement.notBefore === null ? "at once" : `in ${settlement.notBefore - NOW}`;
  return `pending ${settlement.reason} ${wait}`;
}

test("a status below 400 completes the task, any other fails it, and both keep the answer", () => {
  for (const [status, expected] of [
    [200, "completed completed"],
    [204, "completed completed"],
    [302, "completed completed"],
    [399, "completed completed"],
    [400, "failed target_error"],
    [404, "failed target_error"],
    [500, "failed target_error"],
  ] as const) {
    const settlement = decided(claimed(), answered(status));
    assert.equal(gist(settlement), expected, String(status));
    assert.equal(settlement.to === "pending" ? null : settlement.response?.status, status);
    assert.equal(settlement.attempt?.status, status);
    assert.equal(settlement.attempt?.outcome, "answered");
  }
});

test("a target that refuses to act is asked again for every method", () => {
  for (const status of [429, 503])
    assert.equal(gist(decided(claimed(), answered(status))), "pending retry_backoff in 500");
});

test("a gateway that is not sure is asked again only when that is harmless", () => {
  for (const status of [502, 504]) {
    assert.equal(gist(decided(claimed(), answered(status))), "failed target_error");
    assert.equal(
      gist(decided(claimed({ idempotent: true }), answered(status))),
      "pending retry_backoff in 500",
    );
  }
});

test("Retry-After is honoured as seconds and as a date, up to an hour, and never shortens the backoff", () => {
  const after = (value: string): string => gist(decided(claimed(), answered(503, ["Retry-After", value])));
  assert.equal(after("7"), "pending retry_backoff in 7000");
  assert.equal(after("0"), "pending retry_backoff in 500");
  assert.equal(after("999999"), "pending retry_backoff in 3600000");
  assert.equal(after("soon"), "pending retry_backoff in 500");
  assert.equal(after(new Date(NOW + 9_000).toUTCString()), "pending retry_backoff in 9000");
});

test("Retry-After in the past is no wait", () => {
  const response = { status: 503, headers: ["retry-after", new Date(0).toUTCString()], body: EMPTY_BODY };
  assert.equal(retryAfterMs(response, NOW), 0);
  assert.equal(retryAfterMs({ ...response, headers: [] }, NOW), null);
});

test("what was never sent is sent again for every method, until the attempts are used up", () => {
  const exchange: Exchange = { kind: "never_sent", target: TARGET, error: REFUSED };
  assert.equal(gist(decided(claimed({ attempt: 1 }), exchange)), "pending retry_backoff in 500");
  assert.equal(gist(decided(claimed({ attempt: 2 }), exchange)), "pending retry_backoff in 1000");
  const last = decided(claimed({ attempt: 3 }), exchange);
  assert.equal(gist(last), "failed connect_failed");
  assert.deepEqual(last.error, REFUSED);
  assert.equal(last.attempt?.outcome, "never_sent");
});

test("what can never be sent is not tried again", () => {
  const error = { code: "http_request_error", message: "no" };
  assert.equal(gist(decided(claimed(), { kind: "never_sent", target: TARGET, error })), "failed unsendable");
});

test("what was sent and not answered is repeated only when that is harmless", () => {
  const exchange: Exchange = { kind: "unknown", target: TARGET, error: RESET };
  assert.equal(gist(decided(claimed(), exchange)), "failed outcome_unknown");
  assert.equal(gist(decided(claimed({ idempotent: true }), exchange)), "pending retry_backoff in 500");
  assert.equal(gist(decided(claimed({ idempotent: true, attempt: 3 }), exchange)), "failed outcome_unknown");
});

test("a time-out says so", () => {
  const error = { code: "http_response_timeout", message: "too long" };
  assert.equal(gist(decided(claimed(), { kind: "unknown", target: TARGET, error })), "failed timeout");
});

test("an attempt whose node is gone may have been sent", () => {
  const exchange: Exchange = { kind: "unknown", target: null, error: NODE_LOST };
  assert.equal(gist(decided(claimed(), exchange)), "failed outcome_unknown");
  assert.equal(gist(decided(claimed({ idempotent: true }), exchange)), "pending node_lost in 500");
});

test("an answer too large to keep fails the task", () => {
  const exchange: Exchange = {
    kind: "too_large",
    target: TARGET,
    status: 200,
    error: { code: "http_response_body_size", message: "" },
  };
  assert.equal(gist(decided(claimed(), exchange)), "failed response_too_large");
});

test("a stop gives back what was not sent, repeats what is harmless, and is honest about the rest", () => {
  const interrupted = (sent: boolean): Exchange => ({ kind: "interrupted", target: TARGET, sent });
  const givenBack = decided(claimed(), interrupted(false));
  assert.equal(gist(givenBack), "pending interrupted at once");
  assert.equal(givenBack.attempt, null, "the attempt is not counted");
  const repeated = decided(claimed({ idempotent: true, attempt: 2 }), interrupted(true));
  assert.equal(gist(repeated), "pending interrupted at once");
  const last = decided(claimed({ idempotent: true, attempt: 3 }), interrupted(true));
  assert.equal(gist(last), "failed outcome_unknown", "the limit holds for a stop, too");
  assert.equal(repeated.attempt?.outcome, "interrupted");
  assert.equal(gist(decided(claimed(), interrupted(true))), "failed outcome_unknown");
});

test("a cancelled attempt only stands down", () => {
  const settlement = decided(claimed(), { kind: "cancelled", target: TARGET });
  assert.equal(gist(settlement), "cancelled cancelled");
  assert.equal(settlement.attempt?.outcome, "cancelled");
});

test("whatever comes back, a settlement names the lease, and an ambiguous POST never goes back in line", () => {
  const error = fc.record({
    code: fc.constantFrom("connection_terminated", "http_response_timeout", "node_lost"),
    message: fc.string(),
  });
  const exchange: fc.Arbitrary<Exchange> = fc.oneof(
    fc.integer({ min: 200, max: 599 }).map((status) => answered(status)),
    error.map((error) => ({ kind: "never_sent" as const, target: TARGET, error })),
    error.map((error) => ({ kind: "unknown" as const, target: TARGET, error })),
    fc.boolean().map((sent) => ({ kind: "interrupted" as const, target: TARGET, sent })),
  );
  fc.assert(
    fc.property(
      exchange,
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (exchange, attempt, idempotent, random) => {
        const task = claimed({ attempt, idempotent });
        const settlement = decided(task, exchange, random);
        assert.equal(settlement.lease, task.lease);
        const isAmbiguous = exchange.kind === "unknown" || (exchange.kind === "interrupted" && exchange.sent);
        if (isAmbiguous && !idempotent) assert.equal(settlement.to, "failed");
        if (settlement.to === "pending" && settlement.reason !== "interrupted") {
          assert.ok(attempt < task.maxAttempts);
          assert.ok((settlement.notBefore ?? 0) >= NOW && (settlement.notBefore ?? 0) <= NOW + 60_000);
        }
      },
    ),
  );
});
