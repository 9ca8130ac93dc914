import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as immediate } from "node:timers/promises";
import { mapAtOnce, mapInTurns, nextTurn } from "../../src/lib/turns.ts";

/** Works for so long as a slow machine would. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("work that takes long lets others run in between, and its results are in order", async () => {
  let others = 0;
  let isOver = false;
  const mapped = mapInTurns(
    Array.from({ length: 40 }, (_, i) => i),
    (item, index) => {
      work(2);
      return [item * 2, index];
    },
  ).finally(() => (isOver = true));
  while (!isOver) {
    await immediate();
    others += 1;
  }
  assert.deepEqual(
    await mapped,
    Array.from({ length: 40 }, (_, i) => [i * 2, i]),
  );
  assert.ok(others >= 8, `${others} turns for 80 ms of work`);
});

test("of all who wait, one has each turn, in the order in which they came", async () => {
  const order: string[] = [];
  const all = ["a", "b", "c"].map(async (name) => {
    for (let i = 1; i <= 3; i++) {
      await nextTurn();
      order.push(name + i);
      queueMicrotask(() => order.push("|"));
    }
  });
  await Promise.all(all);
  assert.equal(order.join(""), "a1|b1|c1|a2|b2|c2|a3|b3|c3|");
  // One more waits for no earlier one.
  await nextTurn();
});

test("what is thrown comes through, and nothing follows it", async () => {
  const seen: number[] = [];
  const mapped = mapInTurns([1, 2, 3], (item) => {
    seen.push(item);
    if (item === 2) throw new Error("two");
  });
  await assert.rejects(mapped, /two/);
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(await mapInTurns([], work), []);
});

test("what is small is done at once, however many pieces of large work wait", async () => {
  let turns = 0;
  const large = Array.from({ length: 20 }, () => nextTurn().then(() => (turns += 1)));
  assert.deepEqual(await mapAtOnce([1, 2], (item) => item * 2), [2, 4]);
  assert.deepEqual(await mapAtOnce([], work), []);
  assert.equal(turns, 0);
  await Promise.all(large);
});

test("what begins at once does not add up: the others of the same turn wait for theirs", async () => {
  // A turn of its own, in which nothing has begun.
  await immediate();
  let done = 0;
  const mapped = Array.from({ length: 20 }, () =>
    mapAtOnce([1, 2, 3, 4], () => {
      work(2);
      done += 1;
    }),
  );
  await Promise.resolve();
  assert.ok(done > 0 && done <= 5, `${done} of 2 ms each in one turn`);
  await Promise.all(mapped);
  assert.equal(done, 80);
});
