import assert from "node:assert/strict";
import { test } from "node:test";
import { createEmitter } from "../../src/lib/emitter.ts";
import type { Reply } from "../../src/notify/post.ts";
import { createWebhooks } from "../../src/notify/webhooks.ts";
import type { Delivery, DeliveryNext } from "../../src/store/outbox.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";

const URL_OF_A_CLIENT = "http://name.internal/";

const NO_ANSWER: Reply = {
  status: null,
  error: "why",
  noAddress: null,
  retryAfterMs: null,
  durationMs: 7,
  text: "",
};

function thrower(error: unknown): never {
  throw error;
}

interface Recorded {
  readonly entry: { readonly durationMs: number; readonly error: string | null };
  readonly next: DeliveryNext;
  /** What operators are told. */
  readonly error: string | null;
}

/** What becomes of a delivery that was tried so often before. */
async function tryOnce(
  noAddress: Reply["noAddress"],
  endpoint: string | null,
  tries: number,
): Promise<Recorded> {
  const { promise, resolve } = Promise.withResolvers<Recorded>();
  const events = createEmitter<TaskEvents>(thrower);
  let recorded: Omit<Recorded, "error"> | null = null;
  events.on("webhook.tried", ({ error }) => resolve({ ...recorded!, error }));
  const delivery: Delivery = {
    id: "msg_1",
    taskId: null,
    taskState: null,
    client: null,
    endpoint,
    url: URL_OF_A_CLIENT,
    type: "test",
    payload: "{}",
    state: "pending",
    createdAt: 0,
    nextAt: 0,
    endedAt: null,
    tries,
    log: [],
  };
  const owed = [delivery];
  const webhooks = createWebhooks({
    config: {
      endpoints: [
        { name: "ops", url: new URL(URL_OF_A_CLIENT), secret: null, on: [], routes: [], format: "standard" },
      ],
      secret: null,
      allow: [],
      timeoutMs: 1_000,
      giveUpAfterMs: 86_400_000,
      retentionMs: 1,
    },
    outbox: {
      take: async () => ({ deliveries: owed.splice(0), nextDueAt: null }),
      putBack: async () => {},
      async record(_id, entry, next) {
        recorded = { entry, next };
        return true;
      },
      disable: async () => 0,
    },
    find: async () => null,
    controlPrefix: "",
    language: "en",
    random: () => 0,
    clock: createManualClock(),
    emit: events.emit,
    onError: thrower,
    post: async () => ({ ...NO_ANSWER, noAddress }),
  });
  webhooks.loop.start();
  const result = await promise;
  await webhooks.stop();
  return result;
}

test("whether a name is unknown or may not be called is no client's to know: neither by words, time nor tries", async () => {
  for (const tries of [0, 2, 5]) {
    const forbidden = await tryOnce("forbidden", null, tries);
    const unknown = await tryOnce("unknown", null, tries);
    assert.deepEqual([forbidden.entry, forbidden.next], [unknown.entry, unknown.next]);
    assert.match(String(forbidden.entry.error), /not known, or is no address that may be called/);
    assert.deepEqual([forbidden.entry.durationMs, forbidden.next.state], [0, "pending"]);
    assert.equal(forbidden.error, "why", "operators are told");
  }
});

test("of a receiver of the configuration the log says which, and a forbidden one is given up after three tries", async () => {
  const { entry, next } = await tryOnce("forbidden", "ops", 1);
  assert.deepEqual([entry.error, entry.durationMs, next.state], ["why", 7, "pending"]);
  assert.equal((await tryOnce("forbidden", "ops", 2)).next.state, "failed");
  assert.equal((await tryOnce("unknown", "ops", 2)).next.state, "pending");
});
