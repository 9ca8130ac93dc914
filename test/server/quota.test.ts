import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createAccess } from "../../src/server/access.ts";
import { createQuotas } from "../../src/server/quota.ts";
import type { AccessKey } from "../../src/task/access-key.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { EVENTS } from "./events.ts";

const LIMITED: AccessKey = {
  name: "k",
  sha256: "0".repeat(64),
  role: "submit",
  client: "c",
  quota: { rate: { count: 100, perMs: 60_000, burst: 1 }, maxOpen: 3 },
  createdAt: null,
};
const FREE: AccessKey = { ...LIMITED, quota: { rate: null, maxOpen: null } };

function thrower(error: unknown): never {
  throw error;
}

/** `open` is what the store would count of client c. */
async function stage(
  first: AccessKey,
  open: { now: number },
  countOpen = async (): Promise<ReadonlyMap<string, number>> => new Map([["c", open.now]]),
) {
  const events = createEmitter<TaskEvents>(thrower);
  const clock = createManualClock();
  let counts = 0;
  const errors: unknown[] = [];
  const access = await createAccess({
    keys: [first],
    stored: [],
    store: {
      list: async () => [],
      add: async () => true,
      remove: async () => true,
      async countOpen() {
        counts += 1;
        return countOpen();
      },
    },
    quotas: createQuotas(events, clock),
    clock,
    emit: events.emit,
    onError: (thrown) => errors.push(thrown),
  });
  /** How many more the key may submit. */
  function left(): number {
    const charges = [];
    try {
      for (;;) charges.push(access.charge({ name: "k", role: "submit", client: "c" }, 1));
    } catch {
      for (const charge of charges) charge.done();
      return charges.length;
    }
  }
  return {
    access,
    clock,
    left,
    errors,
    counts: () => counts,
    accept: (client = "c") => events.emit("task.accepted", { ...EVENTS["task.accepted"], client }),
    end: (client = "c") => events.emit("task.ended", { ...EVENTS["task.ended"], client }),
    /** Until what was counted is settled, and is counted again if need be. */
    async settle() {
      clock.advance(50);
      await turn();
    },
  };
}

test("what is open at the start counts from the first call on, and a reload counts nothing twice", async () => {
  const open = { now: 1 };
  const { access, accept, end, left, counts, clock } = await stage(LIMITED, open);
  assert.equal(left(), 2);
  // The store has a task already that is told of only after the reload has counted.
  open.now = 2;
  access.configure([{ ...LIMITED, role: "operate" }]);
  await turn();
  clock.advance(1_000);
  await turn();
  accept();
  assert.deepEqual([left(), counts()], [1, 1]);
  end();
  end();
  assert.equal(left(), 3);
});

test("a quota that is given while tasks come and go counts each of them once", async () => {
  const open = { now: 2 };
  const { access, accept, end, left, counts, clock } = await stage(FREE, open);
  access.configure([LIMITED]);
  await turn();
  // Of what was counted one is told of now, another has ended meanwhile.
  accept();
  end();
  open.now = 1;
  clock.advance(50);
  await turn();
  assert.equal(counts(), 2, "it is counted again");
  clock.advance(50);
  await turn();
  assert.equal(left(), 2);
});

test("other clients that come and go keep nobody from being counted", async () => {
  const open = { now: 2 };
  const { access, accept, end, left, counts, settle } = await stage(FREE, open);
  access.configure([LIMITED]);
  await turn();
  accept("d");
  end("d");
  await settle();
  assert.equal(left(), 1);
  // That the others are counted again takes nothing from c.
  accept();
  accept("d");
  await settle();
  end("d");
  await settle();
  assert.deepEqual([left(), counts()], [0, 4]);
});

test("a client that is never quiet is counted as well as can be, and exactly as soon as it is", async () => {
  const open = { now: 0 };
  const { access, clock, accept, end, left, counts, settle } = await stage(FREE, open);
  access.configure([LIMITED]);
  await turn();
  const come = (): void => {
    open.now += 1;
    accept();
  };
  // What is told of after it was counted is not lost.
  for (let i = 0; i < 30; i++) {
    come();
    await settle();
    assert.equal(left(), 2, `after ${i} rounds`);
    come();
    clock.advance(1_000);
    await turn();
    assert.equal(left(), 1, `after ${i} rounds`);
    for (let ended = 0; ended < 2; ended++) {
      open.now -= 1;
      end();
    }
  }
  open.now = 1;
  // Told of in time for none of the counts.
  accept();
  for (let i = 0; i < 2; i++) {
    clock.advance(1_000);
    await turn();
    await settle();
  }
  assert.equal(left(), 2);
  const exact = counts();
  clock.advance(60_000);
  await turn();
  assert.equal(counts(), exact, "it is not counted for ever");
  assert.equal(clock.timers, 0);
});

test("a count that fails is told of, and is repeated with the next change of keys", async () => {
  const error = new Error("no");
  const said = [() => Promise.reject(error), async () => new Map([["c", 3]])];
  const { access, errors, left, settle } = await stage(FREE, { now: 3 }, () => said.shift()!());
  access.configure([LIMITED]);
  await turn();
  assert.deepEqual([errors, left()], [[error], 3]);
  access.configure([LIMITED]);
  await turn();
  await settle();
  assert.deepEqual([errors.length, left()], [1, 0]);
});

test("who has too many open is told of the rate, too", async () => {
  const { access } = await stage(LIMITED, { now: 3 });
  assert.throws(
    () => access.charge({ name: "k", role: "submit", client: "c" }, 1),
    ({ headers }: { headers: Record<string, string> }) => headers["RateLimit"] === '"key";r=100;t=0',
  );
});
