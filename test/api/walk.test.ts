import assert from "node:assert/strict";
import { test } from "node:test";
import { type Act, walk, type Walk } from "../../src/api/walk.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import type { ListFilter } from "../../src/store/store.ts";
import type { Task } from "../../src/task/task.ts";
import { createManualClock } from "../lib/manual-clock.ts";

/** A store with tasks `t9`, `t8`, … and a walk through it. */
function through(count: number, act: Act | null, changes: Partial<Walk> = {}) {
  const tasks = Array.from({ length: count }, (_, i) => ({ id: `t${count - i}` }) as Task);
  const asked: ListFilter[] = [];
  const done: string[] = [];
  return {
    asked,
    done,
    ended: walk({
      async list(filter) {
        asked.push(filter);
        const from = filter.after === undefined ? 0 : tasks.findIndex(({ id }) => id === filter.after) + 1;
        const page = tasks.slice(from, from + filter.limit);
        const isLast = from + filter.limit >= tasks.length;
        return { tasks: page, next: isLast ? null : (page.at(-1)?.id ?? null) };
      },
      filter: { lane: "l" },
      states: ["failed"],
      act:
        act &&
        (async (task) => {
          const reason = await act(task);
          if (reason === null) done.push(task.id);
          return reason;
        }),
      atOnce: 1,
      client: { destroyed: false },
      clock: createManualClock(),
      ...changes,
    }),
  };
}

test("all of them, page by page", async () => {
  const { ended, done, asked } = through(450, async () => null);
  assert.deepEqual(await ended, { matched: 450, done: 450, skipped: {}, more: false, reached: "t1" });
  assert.equal(new Set(done).size, 450);
  assert.deepEqual(
    asked.map(({ after }) => after),
    [undefined, "t251", "t51"],
  );
});

test("a reason of one task is counted; it goes on", async () => {
  const act: Act = async ({ id }) => {
    if (id === "t2") throw new HeadgateError("gone", "It is gone.");
    return id === "t3" ? "conflict" : null;
  };
  const { ended, done } = through(4, act);
  assert.deepEqual(await ended, {
    matched: 4,
    done: 2,
    skipped: { conflict: 1, gone: 1 },
    more: false,
    reached: "t1",
  });
  assert.deepEqual(done, ["t4", "t1"]);
});

test("no more room: it ends before that task, and another call goes on with it", async () => {
  let room = 2;
  const act: Act = async () => {
    if (room-- > 0) return null;
    throw new HeadgateError("queue_full", "Full.");
  };
  const first = through(5, act);
  const { reached, ...rest } = await first.ended;
  assert.deepEqual([rest, reached], [{ matched: 3, done: 2, skipped: { queue_full: 1 }, more: true }, "t4"]);
  room = 9;
  const second = through(5, act, { after: "t4" });
  assert.equal((await second.ended).more, false);
  assert.deepEqual([...first.done, ...second.done], ["t5", "t4", "t3", "t2", "t1"]);
});

test("the last task without room is not passed over", async () => {
  const { ended } = through(1, () => Promise.reject(new HeadgateError("queue_full", "Full.")));
  assert.deepEqual(await ended, {
    matched: 1,
    done: 0,
    skipped: { queue_full: 1 },
    more: true,
    reached: null,
  });
});

test("ten thousand a call, and no longer than twenty seconds", async () => {
  const many = await through(10_001, async () => null, { atOnce: 50 }).ended;
  assert.deepEqual([many.matched, many.more], [10_000, true]);
  const exactly = await through(10_000, null).ended;
  assert.deepEqual([exactly.matched, exactly.done, exactly.more], [10_000, 0, false]);

  const clock = createManualClock();
  const slow = await through(
    100,
    async () => {
      clock.advance(1_000);
      return null;
    },
    { clock },
  ).ended;
  assert.deepEqual([slow.done, slow.more, slow.reached], [21, true, "t80"]);
});

test("a client that has left ends it; a filter that nothing matches asks for nothing", async () => {
  const client = { destroyed: false };
  const left = through(
    9,
    async () => {
      client.destroyed = true;
      return null;
    },
    { client },
  );
  assert.deepEqual((await left.ended).done, 1);
  const none = through(9, async () => null, { filter: null });
  assert.deepEqual([(await none.ended).matched, none.asked.length], [0, 0]);
});

test("what nobody expected is no reason", async () => {
  const { ended } = through(2, () => Promise.reject(new TypeError("broken")));
  await assert.rejects(ended, { name: "TypeError" });
});
