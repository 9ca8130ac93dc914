import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import { type DiskSpace, watchDiskSpace } from "../../src/server/disk-space.ts";
import type { TaskEvents } from "../../src/task/event.ts";

interface Stage {
  readonly disk: DiskSpace;
  readonly told: string[];
  readonly refuse: (code: string) => void;
  reusable: number;
}

/** Watches the real disk; what counts as enough is up to the test. */
function stage(minFreeBytes: number): Stage {
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const told: string[] = [];
  events.on("storage.full", () => told.push("full"));
  events.on("storage.recovered", () => told.push("recovered"));
  const state = { reusable: 0 };
  const disk = watchDiskSpace({
    folder: tmpdir(),
    minFreeBytes,
    reusableBytes: async () => state.reusable,
    events,
  });
  const refuse = (code: string): void =>
    events.emit("task.refused", { lane: "default", method: "POST", path: "/", code });
  return Object.assign(state, { disk, told, refuse });
}

const MORE_THAN_ANY_DISK = Number.MAX_SAFE_INTEGER / 2;

test("with too little space nothing is accepted, and that is told once", async () => {
  const { disk, told } = stage(MORE_THAN_ANY_DISK);
  assert.equal(disk.refusal(), null);
  await disk.check();
  await disk.check();
  disk.noteFull();
  assert.equal(disk.refusal()?.code, "storage_full");
  assert.deepEqual(told, ["full"]);
});

test("space that deleted tasks left in the database counts", async () => {
  const state = stage(MORE_THAN_ANY_DISK);
  await state.disk.check();
  state.reusable = Number.MAX_SAFE_INTEGER;
  await state.disk.check();
  assert.equal(state.disk.refusal(), null);
  assert.deepEqual(state.told, ["full", "recovered"]);
});

test("whoever finds no room while writing is believed until the next check", async () => {
  const { disk, told, refuse } = stage(0);
  refuse("queue_full");
  assert.equal(disk.refusal(), null);
  refuse("storage_full");
  assert.equal(disk.refusal()?.code, "storage_full");
  await disk.check();
  assert.equal(disk.refusal(), null);
  disk.noteFull();
  await disk.check();
  assert.deepEqual(told, ["full", "recovered", "full", "recovered"]);
});
