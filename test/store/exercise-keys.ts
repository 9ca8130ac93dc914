// Keys that are made while running, and what their clients have open.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { AccessKey } from "../../src/task/access-key.ts";
import type { OpenForTest } from "./rig.ts";
import { claimOne, enqueueMany, finish, newTask, START, storeTest } from "./rig.ts";

const KEYS: readonly AccessKey[] = [
  {
    name: "b-shop",
    sha256: "b0".repeat(32),
    role: "submit",
    client: "shop",
    quota: { rate: { count: 5, perMs: 60_000, burst: 7 }, maxOpen: 11 },
    createdAt: START + 1,
  },
  {
    name: "a-watch",
    sha256: "a0".repeat(32),
    role: "read",
    client: "watchers",
    quota: { rate: null, maxOpen: null },
    createdAt: null,
  },
];

export function exerciseKeys(open: OpenForTest): void {
  describe("keys", () => {
    const test = storeTest(open);

    test("are kept whole, and listed by name", async (first, reopen) => {
      assert.deepEqual(await first.keys.list(), []);
      for (const key of KEYS) assert.equal(await first.keys.add(key), true);
      const store = reopen === null ? first : await reopen();
      assert.deepEqual(await store.keys.list(), [KEYS[1], KEYS[0]]);
    });

    test("have names of their own: of two at once, one is added", async (store) => {
      const [key, other] = KEYS;
      const twin = { ...other!, name: key!.name };
      const added = await Promise.all([store.keys.add(key!), store.keys.add(twin)]);
      assert.deepEqual(added, [true, false]);
      assert.deepEqual(await store.keys.list(), [key]);
    });

    test("are removed by name, once", async (store) => {
      for (const key of KEYS) await store.keys.add(key);
      assert.equal(await store.keys.remove("b-shop"), true);
      assert.equal(await store.keys.remove("b-shop"), false);
      assert.deepEqual(await store.keys.list(), [KEYS[1]]);
      assert.equal(await store.keys.add(KEYS[0]!), true, "and may come again");
    });
  });

  describe("what clients have open", () => {
    const test = storeTest(open);

    test("is what waits, in line or for its time, and what runs", async (store) => {
      assert.deepEqual(await store.keys.countOpen(), new Map());
      await enqueueMany(store, 3, { client: "ann" });
      await enqueueMany(store, 2, { client: "bob", lane: "other" });
      await store.enqueue(newTask({ client: "ann", notBefore: START + 900_000 }), 100);
      const open = async (): Promise<object> => Object.fromEntries(await store.keys.countOpen());
      assert.deepEqual(await open(), { ann: 4, bob: 2 });
      const [first, second] = [await claimOne(store), await claimOne(store)];
      assert.deepEqual(await open(), { ann: 4, bob: 2 });
      await finish(store, first);
      assert.deepEqual(await open(), { ann: 3, bob: 2 });
      await store.cancel(second.lease.taskId, START);
      assert.deepEqual(await open(), { ann: 2, bob: 2 }, "ended, though its slot is not free yet");
      const bobs = await claimOne(store, { lane: "other" });
      await finish(store, bobs);
      await finish(store, await claimOne(store, { lane: "other" }));
      assert.deepEqual(await open(), { ann: 2 });
    });
  });
}
