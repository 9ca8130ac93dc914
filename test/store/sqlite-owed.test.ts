// The end of a task and what is owed for it are one transaction: if the one cannot be written, neither is.

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import type { OpenStore } from "../../src/store/store.ts";
import type { Callback } from "../../src/task/task.ts";
import { newFolder, openFolder } from "./folders.ts";
import { assertTallied, claimOne, find, finish, newTask, positionOf, running, START } from "./rig.ts";

const ASKED: Callback = {
  endpoint: null,
  url: "https://told.example/",
  on: ["completed", "failed", "cancelled"],
};

/** A store whose database refuses to write rows of a kind for as long as `allow` is not called. */
async function refusing(
  t: TestContext,
  when: string,
): Promise<{ store: OpenStore; refuse: () => void; allow: () => void }> {
  const folder = newFolder();
  const store = await openFolder(t, folder);
  const beside = new DatabaseSync(join(folder, "headgate.db"));
  t.after(() => beside.close());
  return {
    store,
    refuse: () => beside.exec(`CREATE TRIGGER refusal ${when} BEGIN SELECT RAISE(ABORT, 'refused'); END`),
    allow: () => beside.exec("DROP TRIGGER refusal"),
  };
}

interface Ending {
  readonly prepare: (store: OpenStore) => Promise<{ id: string; end: () => Promise<unknown> }>;
  readonly state: string;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  settling: {
    async prepare(store) {
      const task = await running(store, { callbacks: [ASKED] });
      return { id: task.lease.taskId, end: () => finish(store, task) };
    },
    state: "completed",
  },
  cancelling: {
    async prepare(store) {
      const { id } = await waiting(store);
      return { id, end: () => store.cancel(id, START) };
    },
    state: "cancelled",
  },
  "giving up": {
    async prepare(store) {
      const { id } = await waiting(store);
      return { id, end: () => store.giveUp(START + 100, 10) };
    },
    state: "failed",
  },
};

async function waiting(store: OpenStore): Promise<{ id: string }> {
  const task = newTask({ callbacks: [ASKED], startBefore: START + 100 });
  await store.enqueue(task, 100);
  return task;
}

describe("the end of a task and what is owed for it", () => {
  const REFUSALS: Readonly<Record<string, string>> = {
    "what is owed": "BEFORE INSERT ON delivery",
    "the end": "AFTER UPDATE OF state ON task WHEN NEW.completed_at IS NOT NULL",
  };
  for (const [how, { prepare, state }] of Object.entries(ENDINGS)) {
    for (const [what, when] of Object.entries(REFUSALS)) {
      test(`are one transaction in ${how}: without ${what}, neither is written`, async (t) => {
        const { store, refuse, allow } = await refusing(t, when);
        const { id, end } = await prepare(store);
        const before = [await find(store, id), await positionOf(store, id)];
        refuse();
        const other = newTask({ lane: "other" });
        const [ended, accepted] = await Promise.allSettled([end(), store.enqueue(other, 10)]);
        assert.equal(ended.status, "rejected");
        assert.deepEqual(accepted, { status: "fulfilled", value: { position: 1, pending: 1 } });
        assert.deepEqual([await find(store, id), await positionOf(store, id)], before);
        assert.deepEqual((await store.outbox.list({ limit: 5 })).deliveries, []);
        assert.equal(await store.response(id), null);
        await assertTallied(store);

        allow();
        await end();
        assert.equal((await find(store, id)).state, state);
        const owed = (await store.outbox.list({ limit: 5 })).deliveries;
        assert.deepEqual(
          owed.map(({ taskId, taskState }) => [taskId, taskState]),
          [[id, state]],
        );
        await assertTallied(store);
      });
    }
  }

  test("are there together whenever another connection looks", async (t) => {
    const folder = newFolder();
    const store = await openFolder(t, folder);
    using beside = new DatabaseSync(join(folder, "headgate.db"), { readOnly: true });
    const look = beside.prepare(
      `SELECT (SELECT count(*) FROM task WHERE completed_at IS NOT NULL) AS ended, (SELECT count(*) FROM delivery) AS owed`,
    );
    await Promise.all(
      Array.from({ length: 200 }, () => store.enqueue(newTask({ callbacks: [ASKED] }), 1_000)),
    );
    const ends: Promise<unknown>[] = [];
    for (let index = 0; index < 200; index++) {
      const task = await claimOne(store);
      ends.push(index % 2 === 0 ? finish(store, task) : store.cancel(task.lease.taskId, START));
      const { ended, owed } = look.get() ?? {};
      assert.equal(ended, owed);
    }
    await Promise.all(ends);
    assert.deepEqual({ ...look.get() }, { ended: 200, owed: 200 });
  });
});
