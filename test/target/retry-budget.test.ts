import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createRetryBudget } from "../../src/target/retry-budget.ts";
import { createManualClock } from "../lib/manual-clock.ts";

const RESERVE = 10;

test("without first attempts there is a reserve, which is there again after ten seconds", () => {
  const clock = createManualClock();
  const budget = createRetryBudget(0.1, clock);
  const spend = (): number => Array.from({ length: 50 }, () => budget.withdraw()).filter(Boolean).length;
  assert.equal(spend(), RESERVE);
  clock.advance(9_000);
  assert.equal(spend(), 0);
  clock.advance(1_000);
  assert.equal(spend(), RESERVE);
  clock.advance(3_600_000);
  assert.equal(spend(), RESERVE, "it does not gather");
});

test("ten first attempts pay for one retry, and no longer than ten seconds", () => {
  const clock = createManualClock();
  const budget = createRetryBudget(0.1, clock);
  const spend = (): number => Array.from({ length: 500 }, () => budget.withdraw()).filter(Boolean).length;
  for (let i = 0; i < 100; i++) budget.deposit();
  assert.equal(spend(), RESERVE + 10);
  clock.advance(10_000);
  for (let i = 0; i < 100; i++) budget.deposit();
  clock.advance(10_000);
  assert.equal(spend(), RESERVE);
});

test("a retry that is answered well costs nothing", () => {
  const budget = createRetryBudget(0.1, createManualClock());
  for (let i = 0; i < 1_000; i++) {
    assert.equal(budget.withdraw(), true);
    budget.giveBack();
  }
});

test("a share of 1 or more never holds one back, a share of 0 leaves the reserve", () => {
  const free = createRetryBudget(1, createManualClock());
  for (let i = 0; i < 1_000; i++) assert.equal(free.withdraw(), true);
  const none = createRetryBudget(0, createManualClock());
  for (let i = 0; i < 1_000; i++) none.deposit();
  assert.equal(Array.from({ length: 50 }, () => none.withdraw()).filter(Boolean).length, RESERVE);
});

test("in a long run where all fails: at most the share of the first attempts, and the reserve", () => {
  const second = fc.record({ first: fc.nat(50), retries: fc.nat(100) });
  fc.assert(
    fc.property(
      fc.array(second, { maxLength: 120 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (seconds, share) => {
        const clock = createManualClock();
        const budget = createRetryBudget(share, clock);
        let firsts = 0;
        let retries = 0;
        for (const wanted of seconds) {
          for (let i = 0; i < wanted.first; i++) budget.deposit();
          firsts += wanted.first;
          for (let i = 0; i < wanted.retries; i++) if (budget.withdraw()) retries += 1;
          clock.advance(1_000);
        }
        const reserve = RESERVE * Math.ceil(seconds.length / 10);
        assert.ok(retries <= share * firsts + reserve + 1e-3, `${retries} of ${firsts}`);
      },
    ),
  );
});
