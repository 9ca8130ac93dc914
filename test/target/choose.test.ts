import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Balance } from "../../src/config/config.ts";
import { type Candidate, createChoice } from "../../src/target/choose.ts";

interface Candid extends Candidate {
  inFlight: number;
  isFree: boolean;
}

const ANY = { path: "/", headers: [] };
const BALANCES: readonly Balance[] = [
  { by: "round_robin" },
  { by: "least_busy" },
  { by: "random_two" },
  { by: "hash", key: "path" },
  { by: "hash", key: { header: "x-user" } },
];

function candidates(...weights: readonly number[]): Candid[] {
  return weights.map((weight, i) => ({
    url: `http://10.0.0.${i + 1}:8000`,
    weight,
    inFlight: 0,
    turn: 0,
    isFree: true,
  }));
}

const isFree = (target: Candid): boolean => target.isFree;

/** mulberry32: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("whatever the balance: one of those that are free, and null only when none is", () => {
  const target = fc.record({
    weight: fc.integer({ min: 1, max: 20 }),
    inFlight: fc.nat(50),
    isFree: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(target, { maxLength: 20 }),
      fc.constantFrom(...BALANCES),
      fc.string(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (drawn, balance, key, random) => {
        const targets = drawn.map((each, i) => ({ ...each, url: `http://t${i}`, turn: 0 }));
        const choose = createChoice(balance, () => random);
        const chosen = choose(targets, { path: `/${key}`, headers: ["X-User", key] }, isFree);
        assert.equal(chosen === null, !targets.some(isFree));
        assert.ok(chosen === null || chosen.isFree);
      },
    ),
  );
});

test("round robin is smooth: 5, 1, 1 gives a a b a c a a", () => {
  const [a, b, c] = candidates(5, 1, 1);
  const targets = [a!, b!, c!];
  const choose = createChoice({ by: "round_robin" }, Math.random);
  const order = Array.from({ length: 7 }, () => targets.indexOf(choose(targets, ANY, isFree)!));
  assert.deepEqual(order, [0, 0, 1, 0, 2, 0, 0]);
});

test("round robin: after each number of turns everybody is within one of its share", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 4 }),
      fc.nat(100),
      (weights, turns) => {
        const targets = candidates(...weights);
        const choose = createChoice({ by: "round_robin" }, Math.random);
        const counts = new Map<Candid, number>();
        for (let turn = 0; turn < turns; turn++) {
          const chosen = choose(targets, ANY, isFree)!;
          counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
        }
        const total = weights.reduce((sum, weight) => sum + weight);
        for (const target of targets) {
          const share = (turns * target.weight) / total;
          assert.ok(Math.abs((counts.get(target) ?? 0) - share) <= 1, `${weights.join()} ${turns}`);
        }
      },
    ),
  );
});

test("round robin: one that comes back does not get all it missed at once", () => {
  const targets = candidates(1, 1);
  const choose = createChoice({ by: "round_robin" }, Math.random);
  targets[0]!.isFree = false;
  for (let i = 0; i < 1_000; i++) assert.equal(choose(targets, ANY, isFree), targets[1]);
  targets[0]!.isFree = true;
  const next = Array.from({ length: 4 }, () => targets.indexOf(choose(targets, ANY, isFree)!));
  assert.deepEqual(
    next.toSorted((a, b) => a - b),
    [0, 0, 1, 1],
  );
});

test("least busy goes by load and weight, and those that are equal take turns", () => {
  const targets = candidates(1, 3, 1);
  const choose = createChoice({ by: "least_busy" }, Math.random);
  const taken = Array.from({ length: 10 }, () => {
    const chosen = choose(targets, ANY, isFree)!;
    chosen.inFlight += 1;
    return targets.indexOf(chosen);
  });
  assert.deepEqual(
    targets.map(({ inFlight }) => inFlight),
    [2, 6, 2],
  );
  assert.deepEqual(new Set(taken.slice(0, 3)), new Set([0, 1, 2]));
});

test("of two random ones the less busy: the busiest gets hardly any, and draws follow the weights", () => {
  const targets = candidates(1, 1, 1, 1);
  targets[0]!.inFlight = 100;
  const choose = createChoice({ by: "random_two" }, seeded(1));
  let busiest = 0;
  for (let i = 0; i < 1_000; i++) if (choose(targets, ANY, isFree) === targets[0]) busiest += 1;
  assert.equal(busiest, 0, "it is never the better of two different ones");

  const weighted = candidates(1, 9);
  for (let i = 0; i < 1_000; i++) choose(weighted, ANY, isFree)!.inFlight += 1;
  assert.ok(Math.abs(weighted[1]!.inFlight - 900) <= 10, `${weighted[1]!.inFlight}`);
});

test("hash: shares follow the weights", () => {
  const targets = candidates(1, 2, 5);
  const choose = createChoice({ by: "hash", key: "path" }, Math.random);
  const counts = [0, 0, 0];
  for (let i = 0; i < 8_000; i++) {
    counts[targets.indexOf(choose(targets, { path: `/users/${i}`, headers: [] }, isFree)!)]! += 1;
  }
  for (const [i, share] of [1_000, 2_000, 5_000].entries())
    assert.ok(Math.abs(counts[i]! - share) < share * 0.1 + 50, counts.join());
});

test("hash: when a target is lost only its keys move, and they come back with it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 20 }),
      fc.array(fc.webPath(), { minLength: 1, maxLength: 50 }),
      fc.nat(),
      (weights, paths, lost) => {
        const targets = candidates(...weights);
        const choose = createChoice({ by: "hash", key: "path" }, Math.random);
        const all = (): (Candid | null)[] =>
          paths.map((path) => choose(targets, { path: `/${path}`, headers: [] }, isFree));
        const before = all();
        const gone = targets[lost % targets.length]!;
        gone.isFree = false;
        for (const [i, now] of all().entries()) {
          if (before[i] === gone) assert.notEqual(now, gone);
          else assert.equal(now, before[i]);
        }
        gone.isFree = true;
        assert.deepEqual(all(), before);
      },
    ),
  );
});

test("hash: the query is no part of the path; a header decides when it is there", () => {
  const targets = candidates(1, 1, 1, 1, 1, 1, 1, 1);
  const byPath = createChoice({ by: "hash", key: "path" }, Math.random);
  const byUser = createChoice({ by: "hash", key: { header: "x-user" } }, Math.random);
  for (let i = 0; i < 50; i++) {
    const path = `/images/${i}`;
    const plain = byPath(targets, { path, headers: [] }, isFree);
    assert.equal(byPath(targets, { path: `${path}?size=${i}`, headers: [] }, isFree), plain);
    assert.equal(byUser(targets, { path, headers: ["X-Other", "1"] }, isFree), plain);
    const ofUser = byUser(targets, { path: "/a", headers: ["X-User", `u${i}`] }, isFree);
    assert.equal(byUser(targets, { path, headers: ["x-USER", `u${i}`] }, isFree), ofUser);
  }
});
