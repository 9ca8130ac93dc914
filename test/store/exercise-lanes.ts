// What was changed about lanes while running.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { LaneSettings } from "../../src/task/lane.ts";
import { UNCHANGED } from "../../src/task/lane.ts";
import type { OpenForTest } from "./rig.ts";
import { storeTest } from "./rig.ts";

export function exerciseLanes(open: OpenForTest): void {
  describe("settings of lanes", () => {
    const test = storeTest(open);
    const one: LaneSettings = {
      paused: true,
      maxConcurrent: "auto",
      maxQueueSize: 17,
      rate: { count: 50, perMs: 1_000, burst: 7 },
    };
    const other: LaneSettings = { ...UNCHANGED, maxConcurrent: 3, rate: "none" };

    test("are read as they were written last", async (store) => {
      assert.deepEqual(await store.lanes.read(), new Map());
      await store.lanes.write("a", one);
      await store.lanes.write("b/ü", other);
      assert.deepEqual(
        await store.lanes.read(),
        new Map([
          ["a", one],
          ["b/ü", other],
        ]),
      );
      await store.lanes.write("a", other);
      assert.deepEqual((await store.lanes.read()).get("a"), other);
    });

    test("are forgotten when nothing differs any more", async (store) => {
      await store.lanes.write("a", one);
      await store.lanes.write("a", { ...UNCHANGED });
      await store.lanes.write("never heard of", UNCHANGED);
      assert.deepEqual(await store.lanes.read(), new Map());
    });

    test("outlive the store", async (store, reopen) => {
      if (reopen === null) return;
      await store.lanes.write("a", one);
      assert.deepEqual(await (await reopen()).lanes.read(), new Map([["a", one]]));
    });
  });
}
