// Deliveries: taken by one at a time, tried, ended, begun again.

import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Delivery, DeliveryAttempt, NewDelivery } from "../../src/store/outbox.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { OpenForTest } from "./rig.ts";
import { START, storeTest } from "./rig.ts";

let made = 0;

/** A delivery unlike any other. */
export function newDelivery(overrides: Partial<NewDelivery> = {}): NewDelivery {
  const number = ++made;
  return {
    id: `msg_${number}`,
    endpoint: `endpoint-${number}`,
    url: `https://receiver-${number}.example/`,
    type: `alert.${number}`,
    payload: `{"number":${number},"text":"‘,’"}`,
    createdAt: START + number,
    ...overrides,
  };
}

function tryAt(at: number, overrides: Partial<DeliveryAttempt> = {}): DeliveryAttempt {
  return { at: START + at, durationMs: 30 + at, status: 500 + at, error: `error, {${at}}`, ...overrides };
}

const LATER = START + 500_000;

async function find(store: OpenStore, id: string): Promise<Delivery> {
  const found = await store.outbox.find(id);
  assert.ok(found, `${id} is there`);
  return found;
}

/** Those that are taken, as they were named, and when the next is due. */
async function take(
  store: OpenStore,
  now: number,
  until: number,
  limit = 100,
): Promise<[string[], number | null]> {
  const { deliveries, nextDueAt } = await store.outbox.take(START + now, START + until, limit);
  return [deliveries.map(({ id }) => id), nextDueAt === null ? null : nextDueAt - START];
}

export function exerciseOutbox(open: OpenForTest): void {
  describe("deliveries", () => {
    const test = storeTest(open);

    test("are kept whole, and outlive the store", async (first, reopen) => {
      const added = [newDelivery(), newDelivery({ endpoint: null })];
      await first.outbox.add(added);
      const store = reopen === null ? first : await reopen();
      const expected = added.map((delivery): Delivery => ({
        ...delivery,
        taskId: null,
        client: null,
        taskState: null,
        state: "pending",
        nextAt: delivery.createdAt,
        endedAt: null,
        tries: 0,
        log: [],
      }));
      assert.deepEqual(await find(store, added[0]!.id), expected[0]);
      const { deliveries } = await store.outbox.list({ limit: 5 });
      assert.deepEqual(deliveries, expected.toReversed());
      assert.deepEqual((await store.outbox.take(LATER, LATER + 5, 5)).deliveries, expected);
      assert.equal(await store.outbox.find("msg_unknown"), null);
    });

    test("are taken when due, the oldest first, by one at a time, and again when its time is over", async (store) => {
      const added = [300, 100, 200, 900].map((ms) => newDelivery({ createdAt: START + ms }));
      const [c, a, b, d] = added.map(({ id }) => id);
      await store.outbox.add(added);
      assert.deepEqual(await take(store, 99, 500), [[], 100]);
      assert.deepEqual(await take(store, 300, 500, 2), [[a, b], 300]);
      const [one, other] = await Promise.all([take(store, 300, 510), take(store, 300, 520)]);
      assert.deepEqual(
        [one, other],
        [
          [[c], 500],
          [[], 500],
        ],
      );
      assert.deepEqual(await take(store, 499, 600), [[], 500]);
      assert.deepEqual(await take(store, 510, 700), [[a, b, c], 700]);
      assert.deepEqual(await take(store, 900, 990, 0), [[], 700]);
      assert.deepEqual(await take(store, 900, 990), [[c, a, b, d], 990]);
    });

    test("wait for the next try, and end with the last; each try is kept", async (store) => {
      const delivery = newDelivery({ createdAt: START });
      const { id } = delivery;
      await store.outbox.add([delivery]);
      await take(store, 0, 50);
      const tries = [tryAt(1), tryAt(2, { status: null }), tryAt(3, { status: 204, error: null })];
      const next = { state: "pending", nextAt: START + 80 } as const;
      assert.equal(await store.outbox.record(id, tries[0]!, next), true);
      assert.deepEqual(await take(store, 79, 90), [[], 80]);
      assert.deepEqual(await take(store, 80, 90), [[id], 90]);
      await store.outbox.record(id, tries[1]!, { ...next, nextAt: START + 200 });
      const waiting = await find(store, id);
      assert.deepEqual(
        [waiting.state, waiting.nextAt, waiting.endedAt, waiting.tries, waiting.log],
        ["pending", START + 200, null, 2, tries.slice(0, 2)],
      );
      await take(store, 200, 300);
      assert.equal(await store.outbox.record(id, tries[2]!, { state: "delivered" }), true);
      const done = await find(store, id);
      assert.deepEqual(
        [done.state, done.nextAt, done.endedAt, done.tries, done.log],
        ["delivered", null, START + 3 + 33, 3, tries],
      );
      assert.equal(await store.outbox.record(id, tryAt(4), next), false, "what has ended stays");
      assert.deepEqual(await find(store, id), done);
      assert.deepEqual(await take(store, 9_000, 9_001), [[], null]);
      assert.equal(await store.outbox.record("msg_unknown", tryAt(4), next), false);
    });

    test("are begun again under their id, with all tries left", async (store) => {
      const [delivery, other] = [newDelivery({ createdAt: START }), newDelivery()];
      await store.outbox.add([delivery, other]);
      assert.equal(await store.outbox.redeliver(delivery.id, START + 5), false, "it is on its way");
      await store.outbox.record(delivery.id, tryAt(1), { state: "failed" });
      assert.equal(await store.outbox.redeliver(delivery.id, START + 400), true);
      const again = await find(store, delivery.id);
      assert.deepEqual(
        [again.state, again.nextAt, again.endedAt, again.tries, again.log],
        ["pending", START + 400, null, 0, [tryAt(1)]],
      );
      assert.equal(await store.outbox.redeliver("msg_unknown", START), null);
      await store.outbox.record(delivery.id, tryAt(2), { state: "delivered" });
      assert.equal(await store.outbox.redeliver(delivery.id, START + 500), true, "also what was delivered");
      assert.equal((await find(store, other.id)).nextAt, other.createdAt);
    });

    test("keep the latest fifty tries when they are begun again and again", async (store) => {
      const delivery = newDelivery();
      await store.outbox.add([delivery]);
      for (let at = 1; at <= 60; at++) {
        await store.outbox.record(delivery.id, tryAt(at), { state: "failed" });
        await store.outbox.redeliver(delivery.id, START + at);
      }
      const { log } = await find(store, delivery.id);
      assert.deepEqual(
        log,
        Array.from({ length: 50 }, (_, index) => tryAt(11 + index)),
      );
    });

    test("are deleted when they ended before an instant, the oldest first, no more than asked for", async (store) => {
      const ends = [500, 100, 400, 200];
      const added = [...ends, 0].map(() => newDelivery());
      await store.outbox.add(added);
      for (const [index, at] of ends.entries())
        await store.outbox.record(added[index]!.id, tryAt(at, { durationMs: 0 }), { state: "failed" });
      const left = async (): Promise<(number | undefined)[]> => {
        const found = await Promise.all(added.map(({ id }) => store.outbox.find(id)));
        return found.flatMap((delivery, index) => (delivery === null ? [] : [ends[index]]));
      };
      assert.equal(await store.outbox.prune(START + 100, 10), 0);
      assert.equal(await store.outbox.prune(START + 500, 2), 2);
      assert.deepEqual(await left(), [500, 400, undefined]);
      assert.equal(await store.outbox.prune(LATER, 10), 2);
      assert.deepEqual(await left(), [undefined], "what is pending is never deleted");
    });
  });

  describe("a receiver that is gone", () => {
    const test = storeTest(open);
    const url = "https://gone.example/";

    test("gets nothing more: what waits for it fails, what comes later at once", async (first, reopen) => {
      const [waiting, held, ended, other] = [
        newDelivery({ url }),
        newDelivery({ url, createdAt: START }),
        newDelivery({ url }),
        newDelivery(),
      ];
      await first.outbox.add([waiting, held, ended, other]);
      await first.outbox.record(ended.id, tryAt(1), { state: "delivered" });
      await take(first, 0, 90_000, 1);
      assert.equal(await first.outbox.disable(url, START + 600), 2);
      for (const { id } of [waiting, held]) {
        const { state, nextAt, endedAt } = await find(first, id);
        assert.deepEqual([state, nextAt, endedAt], ["failed", null, START + 600]);
      }
      assert.equal(await first.outbox.record(held.id, tryAt(2), { state: "pending", nextAt: START }), false);
      assert.equal((await find(first, ended.id)).state, "delivered");

      const store = reopen === null ? first : await reopen();
      assert.deepEqual(await store.outbox.disabled(), [{ url, since: START + 600 }]);
      const late = newDelivery({ url });
      await store.outbox.add([late]);
      const { state, endedAt, tries, log } = await find(store, late.id);
      assert.deepEqual([state, endedAt, tries], ["failed", late.createdAt, 0]);
      assert.match(String(log[0]?.error), /410/);
      assert.equal(await store.outbox.disable(url, START + 700), 0);
      assert.deepEqual(await store.outbox.disabled(), [{ url, since: START + 600 }], "since the first time");
      assert.deepEqual(await take(store, 400_000, 400_001), [[other.id], 400_001]);
    });

    test("fails what waits for it some thousands at a time", async (store) => {
      await store.outbox.add(Array.from({ length: 2_001 }, () => newDelivery({ url })));
      await store.outbox.add([newDelivery()]);
      const failed: number[] = [];
      while (failed.at(-1) !== 0) failed.push(await store.outbox.disable(url, START + 1));
      assert.deepEqual(failed, [2_000, 1, 0]);
      assert.equal((await take(store, 400_000, 400_001))[0].length, 1, "the other receiver's");
    });

    test("is back when it is enabled, or takes what is sent again", async (store) => {
      for (const one of ["https://z.example/", url]) await store.outbox.disable(one, START + 1);
      assert.deepEqual(
        (await store.outbox.disabled()).map((receiver) => receiver.url),
        [url, "https://z.example/"],
      );
      assert.equal(await store.outbox.enable(url), true);
      assert.equal(await store.outbox.enable(url), false);
      const delivery = newDelivery({ url: "https://z.example/" });
      await store.outbox.add([delivery]);
      await store.outbox.redeliver(delivery.id, START + 5);
      await store.outbox.record(delivery.id, tryAt(6), { state: "pending", nextAt: START + 7 });
      assert.equal((await store.outbox.disabled()).length, 1);
      await store.outbox.record(delivery.id, tryAt(8), { state: "delivered" });
      assert.deepEqual(await store.outbox.disabled(), []);
    });
  });
}
