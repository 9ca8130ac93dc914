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

/** `open` is what the store would count. */
async function stage(first: AccessKey, open: { now: number }) {
  const events = createEmitter<TaskEvents>(thrower);
  const clock = createManualClock();
  let counts = 0;
  const access = await createAccess({
    keys: [first],
    stored: [],
    store: {
      list: async () => [],
      add: async () => true,
      remove: async () => true,
      async countOpen() {
        counts += 1;
        return new Map([["c", open.now]]);
      },
    },
    quotas: createQuotas(events, clock),
    clock,
    emit: events.emit,
    onError: thrower,
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
    counts: () => counts,
    accept: () => events.emit("task.accepted", { ...EVENTS["task.accepted"], client: "c" }),
    end: () => events.emit("task.ended", { ...EVENTS["task.ended"], client: "c" }),
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

test("who has too many open is told of the rate, too", async () => {
  const { access } = await stage(LIMITED, { now: 3 });
  assert.throws(
    () => access.charge({ name: "k", role: "submit", client: "c" }, 1),
    ({ headers }: { headers: Record<string, string> }) => headers["RateLimit"] === '"key";r=100;t=0',
  );
});
