import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRateLimit } from "../../src/dispatch/rate.ts";
import { createManualClock } from "../lib/manual-clock.ts";

test("it begins with one token, and another comes every perMs / count", () => {
  const clock = createManualClock();
  const rate = createRateLimit({ count: 50, perMs: 1_000, burst: 1 }, clock);
  assert.equal(rate.take(10), 1);
  assert.equal(rate.waitMs(), 20);
  clock.advance(19);
  assert.equal(rate.take(1), 0);
  assert.equal(rate.waitMs(), 1);
  clock.advance(1);
  assert.equal(rate.waitMs(), 0);
  assert.equal(rate.take(1), 1);
});

test("as many as the burst gather while there is nothing to do, and no more", () => {
  const clock = createManualClock();
  const rate = createRateLimit({ count: 10, perMs: 1_000, burst: 5 }, clock);
  clock.advance(300);
  assert.equal(rate.take(10), 4);
  clock.advance(3_600_000);
  assert.equal(rate.take(10), 5);
  assert.equal(rate.take(10), 0);
});

test("tokens that were not used come back, up to the burst", () => {
  const clock = createManualClock();
  const rate = createRateLimit({ count: 1, perMs: 1_000, burst: 3 }, clock);
  clock.advance(10_000);
  assert.equal(rate.take(3), 3);
  rate.giveBack(2);
  assert.equal(rate.take(3), 2);
  clock.advance(2_000);
  rate.giveBack(3);
  assert.equal(rate.take(10), 3);
});

test("whoever waits as long as it says gets a token, also where a token takes a third of a millisecond", () => {
  const rates = fc.record({
    count: fc.integer({ min: 1, max: 100_000 }),
    perMs: fc.constantFrom(1_000, 60_000, 3_600_000),
    burst: fc.integer({ min: 1, max: 100 }),
  });
  const property = fc.property(rates, (settings) => {
    const clock = createManualClock();
    const rate = createRateLimit(settings, clock);
    for (let round = 0; round < 20; round++) {
      clock.advance(rate.waitMs());
      assert.ok(rate.take(1) === 1, JSON.stringify(settings));
    }
  });
  fc.assert(property);
});

test("no more than the rate and the burst ever come out, however they are asked for", () => {
  const asked = fc.array(fc.record({ afterMs: fc.nat(500), wanted: fc.nat(20) }), { maxLength: 100 });
  const settings = fc.record({
    count: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 1, max: 30 }),
  });
  const property = fc.property(settings, asked, ({ count, burst }, steps) => {
    const clock = createManualClock();
    const rate = createRateLimit({ count, perMs: 1_000, burst }, clock);
    let [taken, elapsedMs] = [0, 0];
    for (const { afterMs, wanted } of steps) {
      clock.advance(afterMs);
      elapsedMs += afterMs;
      taken += rate.take(wanted);
      assert.ok(taken <= burst + ((elapsedMs + 10) * count) / 1_000 + 1e-3);
    }
  });
  fc.assert(property);
});

for (const { count, lateMs } of [
  { count: 3, lateMs: 0 },
  { count: 700, lateMs: 0 },
  { count: 700, lateMs: 7 },
]) {
  test(`${count}/s with a burst of 1 is that over an hour, though timers keep to whole ms and come ${lateMs} ms late`, () => {
    const clock = createManualClock();
    const rate = createRateLimit({ count, perMs: 1_000, burst: 1 }, clock);
    let taken = 0;
    const start = clock.monotonicMs();
    while (clock.monotonicMs() - start < 3_600_000) {
      taken += rate.take(50);
      clock.advance(rate.waitMs() + lateMs);
    }
    const exact = ((clock.monotonicMs() - start) * count) / 1_000;
    assert.ok(Math.abs(taken / exact - 1) < 0.001, `${taken} instead of ${exact}`);
  });
}
