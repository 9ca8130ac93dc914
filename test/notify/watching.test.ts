import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWatching } from "../../src/notify/watching.ts";
import type { Found } from "../../src/store/store.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { WAITING } from "../api/waiting-task.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { EVENTS } from "../server/events.ts";

/** A store in which the place in line says which look-up it was; each is answered when the test says so, or at once. */
function stage({ isHeld = false, fails = false } = {}) {
  const clock = createManualClock();
  const errors: unknown[] = [];
  const events = createEmitter<TaskEvents>((error) => {
    throw error;
  });
  const held: (() => void)[] = [];
  let looks = 0;
  const state = { isHeld, fails, isGone: false };
  const watching = createWatching({
    events,
    async find() {
      const position = (looks += 1);
      if (state.isHeld) await new Promise<void>((resolve) => held.push(resolve));
      if (state.fails) throw new Error("unreadable");
      return state.isGone ? null : { task: WAITING, position };
    },
    clock,
    onError: (error) => void errors.push(error),
  });
  const seen: (number | null)[] = [];
  const see = (found: Found | null): void => void seen.push(found && found.position);
  const happen = (): void =>
    events.emit("task.progress", {
      id: "a",
      lane: "l",
      client: "c",
      progress: { percent: 1, message: null, at: 0 },
    });
  return { clock, events, watching, state, held, errors, seen, see, happen, looks: () => looks };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}

test("a task is looked at when it is watched, when something happens to it, and when it is removed", async () => {
  const { watching, events, state, seen, see, happen } = stage();
  watching.watch("a", see);
  await settle();
  const first = seen.length;
  assert.ok(first >= 1);
  happen();
  await settle();
  assert.ok(seen.length > first);
  state.isGone = true;
  events.emit("task.removed", { ...EVENTS["task.removed"], id: "a" });
  await settle();
  assert.equal(seen.at(-1), null);
  await watching.stop();
});

test("what happens during a look leads to another, and no more than one", async () => {
  const { watching, state, held, seen, see, happen, looks } = stage();
  watching.watch("a", see);
  await settle();
  state.isHeld = true;
  const before = looks();
  for (let i = 0; i < 5; i++) happen();
  await settle();
  state.isHeld = false;
  held.shift()!();
  await settle();
  assert.deepEqual([looks() - before, seen.slice(-2)], [2, [before + 1, before + 2]]);
  await watching.stop();
});

test("whoever comes during a look is not told of what that look saw: they may know more", async () => {
  const { watching, state, held, seen, see } = stage({ isHeld: true });
  const others: (number | null)[] = [];
  watching.watch("a", (found) => others.push(found && found.position));
  await settle();
  watching.watch("a", see);
  state.isHeld = false;
  held.shift()!();
  await settle();
  assert.equal(others[0], 1);
  assert.ok(seen.length > 0 && seen.every((look) => look !== null && look > 1), String(seen));
  await watching.stop();
});

test("what moves without an event is seen within two seconds, at no cost when nobody watches", async () => {
  const { clock, watching, seen, see, looks } = stage();
  assert.equal(clock.timers, 0);
  const stop = watching.watch("a", see);
  await settle();
  const before = seen.length;
  clock.advance(2_000);
  await settle();
  assert.equal(seen.length, before + 1);
  stop();
  const after = looks();
  clock.advance(2_000);
  await settle();
  clock.advance(60_000);
  await settle();
  assert.deepEqual([looks(), clock.timers], [after, 0]);
  // And again for the next who comes.
  watching.watch("b", see);
  await settle();
  assert.ok(looks() > after);
  assert.equal(clock.timers, 1);
  await watching.stop();
});

test("a look that fails is reported, and made up for in the next round", async () => {
  const { clock, watching, state, errors, seen, see } = stage({ fails: true });
  watching.watch("a", see);
  await settle();
  assert.ok(errors.length > 0);
  assert.deepEqual(seen, []);
  state.fails = false;
  clock.advance(2_000);
  await settle();
  assert.equal(seen.length, 1);
  await watching.stop();
});
