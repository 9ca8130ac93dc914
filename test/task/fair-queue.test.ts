// Start-time fair queuing by itself: the order in which tasks of several clients start, whatever comes when.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { createFairQueue, type FairQueue } from "../../src/task/fair-queue.ts";

interface Waiting {
  readonly client: string;
  readonly rank: number;
  readonly number: number;
}

/** A line in front of a fair queue, as a store keeps it. */
class Line {
  readonly waiting: Waiting[] = [];
  readonly #queue: FairQueue;
  readonly #weights: Readonly<Record<string, number>>;
  #entered = 0;

  constructor(weights: Readonly<Record<string, number>> = {}, queue: FairQueue = createFairQueue()) {
    this.#weights = weights;
    this.#queue = queue;
  }

  enter(client: string, count = 1): void {
    for (let i = 0; i < count; i++) {
      const rank = this.#queue.enter(client, this.weightOf(client));
      this.waiting.push({ client, rank, number: this.#entered++ });
    }
  }

  /** The clients whose tasks start next. */
  start(count = 1): string[] {
    this.waiting.sort((a, b) => a.rank - b.rank || a.number - b.number);
    const started = this.waiting.splice(0, count);
    for (const { client, rank } of started) this.#queue.start(client, rank);
    return started.map(({ client }) => client);
  }

  /** Without being started. */
  leave(task: Waiting): void {
    this.waiting.splice(this.waiting.indexOf(task), 1);
    this.#queue.leave(task.client, this.weightOf(task.client));
  }

  of(client: string): Waiting[] {
    return this.waiting.filter((task) => task.client === client);
  }

  clients(): Set<string> {
    return new Set(this.waiting.map(({ client }) => client));
  }

  weightOf(client: string): number {
    return this.#weights[client] ?? 1;
  }
}

const WEIGHTS = { a: 1, b: 3, c: 0.5, d: 20 };
const client = fc.constantFrom("a", "b", "c", "d");
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ enter: client, count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 4, arbitrary: fc.record({ start: fc.integer({ min: 1, max: 25 }) }) },
);
const steps = fc.array(step, { minLength: 10, maxLength: 80, size: "max" });
const leaving = fc.record({ leave: client, which: fc.nat(50) });
const stepsWithLeaving = fc.array(
  fc.oneof({ weight: 4, arbitrary: step }, { weight: 1, arbitrary: leaving }),
  { minLength: 10, maxLength: 80, size: "max" },
);

describe("fair shares", () => {
  test("let ten that come after ten thousand start within the next twenty", () => {
    const line = new Line();
    line.enter("A", 10_000);
    line.start(50);
    line.enter("B", 10);
    assert.equal(line.start(20).filter((client) => client === "B").length, 10);
  });

  test("are as the weights while all wait", () => {
    const line = new Line({ A: 3, B: 1, C: 0.5 });
    for (const name of ["C", "A", "B"]) line.enter(name, 900);
    for (const turns of [9, 9, 90, 900]) {
      const { A = [], B = [], C = [] } = Object.groupBy(line.start(turns), (client) => client);
      const unit = turns / 4.5;
      assert.ok(Math.abs(A.length - 3 * unit) <= 2, `A has ${A.length} of ${turns}`);
      assert.ok(Math.abs(B.length - unit) <= 1, `B has ${B.length} of ${turns}`);
      assert.ok(Math.abs(C.length - unit / 2) <= 1, `C has ${C.length} of ${turns}`);
    }
  });

  test("differ between two that wait by a task each, divided by their weights (SFQ, theorem 1), and one turn at most", () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const line = new Line(WEIGHTS);
        const service = new Map<string, number>();
        // Service of each after each start since somebody came or had nothing to start any more.
        let history: ReadonlyMap<string, number>[] = [];
        for (const one of sequence) {
          if ("enter" in one) {
            if (line.of(one.enter).length === 0) history = [];
            line.enter(one.enter, one.count);
            continue;
          }
          for (let turn = 0; turn < one.start && line.waiting.length > 0; turn++) {
            const before = line.clients();
            for (const name of line.start())
              service.set(name, (service.get(name) ?? 0) + 1 / line.weightOf(name));
            const waiting = line.clients();
            if (waiting.size < before.size) history = [];
            history.push(new Map(service));
            assertFair(line, history);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("keep one client first in, first out, whoever else comes and whatever leaves", () => {
    fc.assert(
      fc.property(stepsWithLeaving, (sequence) => {
        const line = new Line(WEIGHTS);
        const latest: Record<string, number> = {};
        for (const one of sequence) {
          if ("enter" in one) line.enter(one.enter, one.count);
          if ("leave" in one) {
            const task = line.of(one.leave)[one.which];
            if (task !== undefined) line.leave(task);
          }
          for (let turn = 0; turn < ("start" in one ? one.start : 0); turn++) {
            const before = [...line.waiting];
            line.start();
            const task = before.find((one) => !line.waiting.includes(one));
            if (task === undefined) break;
            assert.ok(task.number > (latest[task.client] ?? -1), "none overtakes its own");
            latest[task.client] = task.number;
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("starve nobody, though strangers come faster than tasks start and for ever", () => {
    const line = new Line();
    line.enter("patient", 5);
    for (let stranger = 0; stranger < 50; stranger++) line.enter(`stranger ${stranger}`);
    let left = 5;
    for (let round = 0; left > 0; round++) {
      assert.ok(round < 1_000, `${left} of 5 have not started`);
      line.enter(`stranger ${100 + round}`);
      if (line.start()[0] === "patient") left--;
    }
  });

  test("give back what left the line without a start", () => {
    const line = new Line();
    line.enter("A", 1_000);
    line.enter("B", 1_000);
    for (const task of line.of("A")) line.leave(task);
    line.enter("A", 3);
    assert.equal(line.start(7).filter((client) => client === "A").length, 3);
  });

  test("do not shut out one whose tasks are mostly given up in the line", () => {
    const line = new Line();
    const started: string[] = [];
    for (let second = 0; second < 500; second++) {
      line.enter("A", 10);
      line.enter("B", 1);
      // The target starts two; no task waits for longer than five seconds.
      started.push(...line.start(2));
      for (const task of line.of("A").slice(0, -50)) line.leave(task);
    }
    const last = started.slice(-100);
    assert.ok(last.filter((client) => client === "A").length >= 45, `A: ${last.join("")}`);
  });

  test("cannot be saved up by tasks that wait and are never started", () => {
    const line = new Line();
    line.enter("A");
    const [stuck] = line.waiting;
    assert.ok(stuck);
    line.waiting.splice(0, 1);
    line.enter("B", 500);
    line.start(400);
    line.enter("A", 50);
    assert.ok(line.start(20).filter((client) => client === "B").length >= 9);
  });

  test("are kept of those only for whom they make a difference", () => {
    const queue = createFairQueue();
    const line = new Line({}, queue);
    const known = new Set<string>();
    let most = 0;
    line.enter("A", 100_000);
    for (let turn = 0; turn < 20_000; turn++) {
      line.enter(`client ${turn}`);
      known.add(`client ${turn}`);
      const task = line.waiting.pop();
      assert.ok(task);
      queue.start(task.client, task.rank);
      for (const client of queue.forget(4)) known.delete(client);
      most = Math.max(most, known.size);
      assert.equal(queue.share("A")?.waiting, 100_000);
    }
    assert.ok(most < 50, `${most} shares at once`);
  });

  test("go on where they stood when they are made anew from what is known", () => {
    const queue = createFairQueue();
    queue.enter("A", 2);
    queue.enter("A", 2);
    queue.enter("B", 1);
    queue.start("A", 0);
    const again = createFairQueue(
      queue.virtualTime,
      ["A", "B"].flatMap((name) => {
        const share = queue.share(name);
        return share === undefined ? [] : [[name, share] as const];
      }),
    );
    for (const one of [queue, again]) {
      assert.deepEqual([one.enter("A", 2), one.enter("B", 1), one.enter("C", 1)], EXPECTED);
      assert.equal(one.clients, 3);
    }
  });
});

/** A third of the 1,024 that a turn is worth has gone by. */
const EXPECTED = [1_024, 1_024, 341];

function assertFair(line: Line, history: readonly ReadonlyMap<string, number>[]): void {
  const now = history.at(-1);
  for (const then of history) {
    const gained = (name: string): number => (now?.get(name) ?? 0) - (then.get(name) ?? 0);
    for (const f of line.clients()) {
      for (const g of line.clients()) {
        // Ranks are whole numbers: a thousandth of a turn goes in rounding.
        const bound = 1 / line.weightOf(f) + 1 / line.weightOf(g) + 1.01;
        assert.ok(gained(f) - gained(g) <= bound, `${f} over ${g}: ${gained(f) - gained(g)} > ${bound}`);
      }
    }
  }
}
