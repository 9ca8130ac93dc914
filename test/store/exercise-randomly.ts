// Any sequence of verbs leaves the store as it leaves the model, and every answer on the way is the same.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { OpenStore } from "../../src/store/store.ts";
import type { Settlement } from "../../src/task/settlement.ts";
import type { Callback, ClaimedTask } from "../../src/task/task.ts";
import { complete, fail, interrupt, retry, standDown } from "../../src/task/transition.ts";
import { ModelStore } from "./model.ts";
import type { OpenForTest } from "./rig.ts";
import { ANSWER, attemptOf, listAll, newTask, START, withStore } from "./rig.ts";

const ERROR = { code: "x", message: "x" };
const lane = fc.constantFrom("l1", "l2");
const node = fc.constantFrom("n1", "n2", "n3");
const priority = fc.constantFrom(3, 4, 4, 9);
const client = fc.constantFrom("a", "b", "c");
/** Sums of these are exact, in whatever order they are made. */
const WEIGHTS: Readonly<Record<string, number>> = { a: 1, b: 4, c: 0.5 };
/** Which of the tasks, or of the leases, there have been so far. */
const which = fc.nat(200);
const soon = fc.option(fc.integer({ min: 1, max: 30 }));

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant("enqueue" as const),
      lane,
      priority,
      client,
      delay: soon,
      within: soon,
      capacity: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant("claim" as const),
      lane,
      node,
      limit: fc.nat(4),
      cap: fc.nat(5),
    }),
  },
  { weight: 6, arbitrary: fc.record({ verb: fc.constant("settle" as const), which, how: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("cancel" as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant("amend" as const),
      which,
      lane: fc.option(lane),
      priority: fc.option(priority),
      delay: fc.option(soon, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("remove" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constant("prune" as const),
      lane: fc.option(lane, { nil: undefined }),
      age: fc.nat(40),
      limit: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("giveUp" as const), limit: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("renew" as const), node, forMs: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant("takeOver" as const), node, ownToo: fc.boolean() }) },
);

type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

export function exerciseRandomly(open: OpenForTest, sequences: number): void {
  describe("any sequence of verbs", () => {
    test("gives what the model gives", async () => {
      const sequence = fc.array(command, { minLength: 20, maxLength: 120, size: "max" });
      await fc.assert(
        fc.asyncProperty(sequence, (commands) =>
          withStore(open, async (store, reopen) => {
            const run = new Run(store);
            for (const one of commands) await run.step(one);
            await run.assertSame(store);
            if (reopen !== null) await run.assertSame(await reopen());
          }),
        ),
        // A failure names its seed. Shrinking opens a store for each of its hundreds of steps: switch it on to look into one.
        { numRuns: sequences, endOnFailure: true },
      );
    });
  });
}

const TOLD: Callback = { endpoint: null, url: "https://told.example/", on: ["failed", "cancelled"] };

class Run {
  readonly #store: OpenStore;
  readonly #model = new ModelStore();
  readonly #ids: string[] = [];
  readonly #claimed: ClaimedTask[] = [];
  #now = START;

  constructor(store: OpenStore) {
    this.#store = store;
  }

  async step(one: Command): Promise<void> {
    // Every instant is used once, so that nothing rests on the order among equals.
    this.#now += 1;
    const [real, expected] = await this.#both(one);
    assert.deepEqual(real, expected, JSON.stringify(one));
  }

  async #both(one: Command): Promise<[unknown, unknown]> {
    const store = this.#store;
    const model = this.#model;
    const now = this.#now;
    switch (one.verb) {
      case "enqueue": {
        const { delay, within, capacity } = one;
        const task = newTask({
          lane: one.lane,
          priority: one.priority,
          client: one.client,
          weight: WEIGHTS[one.client]!,
          createdAt: now,
          notBefore: delay === null ? null : now + delay,
          // A fraction of its own keeps these instants apart.
          callbacks: [TOLD],
          startBefore: within === null ? null : now + within * 1_000 + this.#ids.length,
        });
        this.#ids.push(task.id);
        return [await store.enqueue(task, capacity), model.enqueue(task, capacity)];
      }
      case "claim": {
        const { limit, cap } = one;
        const claim = await store.claim({ lane: one.lane, node: one.node, limit, cap, now });
        this.#claimed.push(...claim.tasks);
        const { nextDueAt, pending } = claim;
        const leases = claim.tasks.map(({ lease }) => lease);
        const attempts = claim.tasks.map(({ attempt }) => attempt);
        return [{ leases, attempts, nextDueAt, pending }, model.claim(one.lane, one.node, limit, cap, now)];
      }
      case "settle": {
        const task = this.#claimed[one.which % this.#claimed.length];
        if (task === undefined) return [null, null];
        const settlement = settlementOf(task, one.how, now);
        return [await store.settle(settlement), model.settle(settlement)];
      }
      case "cancel":
        return [await store.cancel(this.#id(one.which), now), model.cancel(this.#id(one.which), now)];
      case "amend": {
        const changes = {
          ...(one.lane === null ? {} : { lane: one.lane }),
          ...(one.priority === null ? {} : { priority: one.priority }),
          ...(one.delay === undefined ? {} : { notBefore: one.delay === null ? null : now + one.delay }),
        };
        return [await store.amend(this.#id(one.which), changes), model.amend(this.#id(one.which), changes)];
      }
      case "remove":
        return [await store.remove(this.#id(one.which)), model.remove(this.#id(one.which))];
      case "prune":
        return [
          await store.prune(now - one.age, one.limit, one.lane),
          model.prune(now - one.age, one.limit, one.lane),
        ];
      case "giveUp": {
        // Now and then, a great leap past all deadlines.
        const at = now + one.limit * 10_000;
        return [await store.giveUp(at, one.limit), model.giveUp(at, one.limit)];
      }
      case "renew": {
        const named = await store.renew(one.node, now + one.forMs);
        return [named.toSorted(), model.renew(one.node, now + one.forMs).toSorted()];
      }
      case "takeOver": {
        const tasks = await store.takeOver(one.node, now, one.ownToo);
        this.#claimed.push(...tasks);
        return [tasks.map(({ lease }) => lease), model.takeOver(one.node, now, one.ownToo)];
      }
      default:
        return one satisfies never;
    }
  }

  #id(which: number): string {
    return this.#ids[which % this.#ids.length] ?? newTask().id;
  }

  /** States, places, counts and what is owed, all of them. */
  async assertSame(store: OpenStore): Promise<void> {
    const model = this.#model;
    const { tasks } = await listAll(store, {}, 7);
    const found = await Promise.all(tasks.map(({ id }) => store.find(id)));
    assert.deepEqual(
      found.map(
        (one) =>
          one && [
            one.task.id,
            one.task.lane,
            one.task.state,
            one.task.priority,
            one.task.notBefore,
            one.task.completedAt,
            one.position,
          ],
      ),
      model.tasks
        .map(({ id, lane, state, priority, notBefore, completedAt }) => [
          id,
          lane,
          state,
          priority,
          notBefore,
          completedAt,
          model.position(id),
        ])
        .toReversed(),
    );
    const { deliveries } = await store.outbox.list({ limit: 1_000 });
    assert.deepEqual(
      deliveries.map(({ taskId, taskState }) => `${taskId} ${taskState}`).toReversed(),
      model.owed,
    );
    const byLane = (a: { lane: string }, b: { lane: string }): number => a.lane.localeCompare(b.lane);
    assert.deepEqual((await store.tally()).toSorted(byLane), model.tally().toSorted(byLane));
  }
}

function settlementOf(task: ClaimedTask, how: number, at: number): Settlement {
  const attempt = attemptOf(task);
  const settlements: readonly Settlement[] = [
    complete(task, attempt, ANSWER, at),
    fail(task, attempt, "timeout", ERROR, null, at),
    fail(task, attempt, "target_error", ERROR, ANSWER, at),
    retry(task, attempt, "retry_backoff", ERROR, at + 7, at),
    interrupt(task, null, at),
    interrupt(task, attempt, at),
    standDown(task, attempt, at),
  ];
  return settlements[how]!;
}
