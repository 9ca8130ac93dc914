import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createClock } from "../../src/lib/clock.ts";
import { createRehoming } from "../../src/server/rehome.ts";
import { openStore } from "../../src/store/open.ts";
import { newLane } from "../rig/lane.ts";
import { newTask } from "../store/rig.ts";

async function stage(t: TestContext, moves: number) {
  const store = await openStore({ kind: "memory", folder: "", onFatal: (error) => assert.fail(error) });
  const woken: string[] = [];
  const moved = Promise.withResolvers<void>();
  const loop = createRehoming({
    ...store,
    match: (_method, path, host) =>
      path.startsWith("/gone") ? null : newLane({ name: host === "other.example" ? "other" : "new" }),
    laneNamed: (name) => (name === "old" ? null : newLane({ name })),
    namesHosts: () => true,
    onMoved(from, lane) {
      assert.equal(from, "old");
      if (woken.push(lane) === moves) moved.resolve();
    },
    clock: createClock(),
    onError: (thrown) => assert.fail(String(thrown)),
  });
  t.after(async () => {
    await loop.stop();
    await store.close();
  });
  return { store, loop, woken, moved: moved.promise };
}

test("tasks of a lane that has gone move to where they belong now, in their order", async (t) => {
  const { store, loop, woken, moved } = await stage(t, 1_300);
  const tasks = Array.from({ length: 1_300 }, () => newTask({ lane: "old", priority: 4, notBefore: null }));
  for (const task of tasks) await store.enqueue(task, 10_000);
  loop.start();
  await moved;
  await loop.stop();
  const claim = await store.claim({ lane: "new", node: "n", limit: 2_000, cap: 2_000, now: Date.now() });
  assert.deepEqual(
    claim.tasks.map(({ lease }) => lease.taskId),
    tasks.map(({ id }) => id),
  );
  assert.ok(woken.every((lane) => lane === "new"));
});

test("the host decides, too; what matches no route stays, and lanes that are there are left alone", async (t) => {
  const { store, loop, moved } = await stage(t, 2);
  const plain = { method: "GET", path: "/x", headers: ["Host", "here"], body: { kind: "empty" } } as const;
  const hosted = newTask({ lane: "old", request: { ...plain, headers: ["Host", "other.example"] } });
  const lost = newTask({ lane: "old", request: { ...plain, path: "/gone" } });
  const delayed = newTask({ lane: "old", request: plain, notBefore: Date.now() + 1e9 });
  const fine = newTask({ lane: "fine", request: plain });
  for (const task of [hosted, lost, delayed, fine]) await store.enqueue(task, 10);
  loop.start();
  await moved;
  await loop.stop();
  const laneOf = async (id: string): Promise<string | undefined> => (await store.find(id))?.task.lane;
  assert.equal(await laneOf(hosted.id), "other");
  assert.equal(await laneOf(lost.id), "old");
  assert.equal(await laneOf(delayed.id), "new");
  assert.equal(await laneOf(fine.id), "fine");
  assert.equal((await store.find(delayed.id))?.task.notBefore, delayed.notBefore);
});
