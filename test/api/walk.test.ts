import assert from "node:assert/strict";
import { test } from "node:test";
import { BULK_CURSOR, writeCursor } from "../../src/api/bulk-cursor.ts";
import { type Act, walk, type Walk, type WalkPlace } from "../../src/api/walk.ts";
import { HeadgateError } from "../../src/lib/error.ts";
import type { ListFilter } from "../../src/store/store.ts";
import type { Task } from "../../src/task/task.ts";
import { createManualClock } from "../lib/manual-clock.ts";

function placeAt(reached: string | null, isThrough = false): WalkPlace {
  return { reached, held: new Map(), isThrough };
}

/** A store with tasks `t9`, `t8`, … and a walk through it. */
function through(
  count: number,
  act: Act | null,
  changes: Partial<Walk> = {},
  lanes: readonly string[] = ["l"],
) {
  const tasks = Array.from(
    { length: count },
    (_, i) => ({ id: `t${count - i}`, lane: lanes[i % lanes.length] }) as Task,
  );
  const asked: ListFilter[] = [];
  const done: string[] = [];
  return {
    asked,
    done,
    ended: walk({
      async list(filter) {
        asked.push(filter);
        const from = filter.after === undefined ? 0 : tasks.findIndex(({ id }) => id === filter.after) + 1;
        const found = tasks.slice(from).filter(({ lane }) => lane === (filter.lane ?? lane));
        const page = found.slice(0, filter.limit);
        const isLast = found.length <= filter.limit;
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
  assert.deepEqual(await ended, {
    matched: 450,
    done: 450,
    skipped: {},
    more: false,
    place: placeAt("t1", true),
  });
  assert.equal(new Set(done).size, 450);
  assert.deepEqual(
    asked.map(({ after }) => after),
    [undefined, "t251", "t51"],
  );
});

test("a reason of one task is counted; it goes on", async () => {
  const reasons = ["conflict", "gone", "invalid_request", "start_within_unmet", "forbidden"] as const;
  const act: Act = async ({ id }) => {
    const reason = reasons[Number(id.slice(1)) - 2];
    if (reason === "conflict" || reason === undefined) return reason ?? null;
    throw new HeadgateError(reason, "Not this one.");
  };
  const { ended, done } = through(7, act);
  assert.deepEqual(await ended, {
    matched: 7,
    done: 2,
    skipped: Object.fromEntries(reasons.map((reason) => [reason, 1])),
    more: false,
    place: placeAt("t1", true),
  });
  assert.deepEqual(done, ["t7", "t1"]);
});

test("no more room: it ends before that task, and another call goes on with it", async () => {
  let room = 2;
  const act: Act = async () => {
    if (room-- > 0) return null;
    throw new HeadgateError("queue_full", "Full.");
  };
  const first = through(5, act);
  const { place, ...rest } = await first.ended;
  assert.deepEqual(rest, { matched: 3, done: 2, skipped: { queue_full: 1 }, more: true });
  assert.deepEqual(place, placeAt("t4"));
  room = 9;
  const second = through(5, act, { from: place });
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
    place: placeAt(null),
  });
});

test("a lane without room is passed over; further calls take it up where it was left, each task once", async () => {
  const lanes = ["a", "b"];
  const rooms = new Map([
    ["a", 1],
    ["b", 99],
  ]);
  const act: Act = async ({ lane }) => {
    const room = rooms.get(lane) ?? 0;
    if (room === 0) throw new HeadgateError("queue_full", "Full.");
    rooms.set(lane, room - 1);
    return null;
  };
  const first = through(8, act, { filter: {} }, lanes);
  const one = await first.ended;
  assert.deepEqual(first.done, ["t8", "t7", "t5", "t3", "t1"]);
  assert.deepEqual(one, {
    matched: 6,
    done: 5,
    skipped: { queue_full: 1 },
    more: true,
    place: { reached: "t1", held: new Map([["a", "t7"]]), isThrough: true },
  });
  const full = through(8, act, { filter: {}, from: one.place }, lanes);
  const { place, ...none } = await full.ended;
  assert.deepEqual(none, { matched: 1, done: 0, skipped: { queue_full: 1 }, more: true });
  assert.deepEqual(place, one.place, "the same again: it got nowhere");

  rooms.set("a", 2);
  const second = through(8, act, { filter: {}, from: place }, lanes);
  const two = await second.ended;
  assert.deepEqual([second.done, two.more], [["t6", "t4"], true]);
  rooms.set("a", 9);
  const third = through(8, act, { filter: {}, from: two.place }, lanes);
  assert.equal((await third.ended).more, false);
  assert.deepEqual(third.done, ["t2"]);
});

test("a call that ends early goes on passing over the lane, and tries it last", async () => {
  const lanes = ["a", "b"];
  let room = 0;
  const clock = createManualClock();
  const act: Act = async ({ lane }) => {
    clock.advance(8_000);
    if (lane === "a" && room-- <= 0) throw new HeadgateError("queue_full", "Full.");
    return null;
  };
  const first = through(8, act, { filter: {}, clock }, lanes);
  const { place, more } = await first.ended;
  assert.deepEqual([first.done, more], [["t7", "t5"], true]);
  assert.deepEqual(place, { reached: "t5", held: new Map([["a", null]]), isThrough: false });
  room = 9;
  const second = through(8, act, { filter: {}, from: place, clock }, lanes);
  const two = await second.ended;
  const third = through(8, act, { filter: {}, from: two.place, clock }, lanes);
  const three = await third.ended;
  assert.deepEqual([...second.done, ...third.done], ["t3", "t1", "t8", "t6", "t4", "t2"]);
  assert.deepEqual([two.more, three.more], [true, false]);
});

test("a cursor says where to go on, and is refused when it is no such thing", () => {
  const id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const place: WalkPlace = {
    reached: id,
    held: new Map([
      ["images", null],
      ["größer", id],
    ]),
    isThrough: true,
  };
  assert.deepEqual(BULK_CURSOR.parse(writeCursor(place)), place);
  for (const text of ["", id, "bnVsbA", "%"]) assert.equal(BULK_CURSOR.safeParse(text).success, false, text);
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
  assert.deepEqual([slow.done, slow.more, slow.place.reached], [21, true, "t80"]);
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
