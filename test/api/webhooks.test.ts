import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery } from "../../src/store/outbox.ts";
import { openControl } from "./control.ts";

test("a delivery is sent again, unless it is on its way or was deleted just now", async (t) => {
  let isBegun: boolean | null = true;
  let wakes = 0;
  const { app } = await openControl(t, {
    outbox: {
      find: async (id) => ({ id, client: null }) as Delivery,
      redeliver: async () => isBegun,
      list: async () => ({ deliveries: [], next: null }),
      enable: async () => false,
      disabled: async () => [],
    },
    wakeWebhooks: () => void (wakes += 1),
  });
  for (const [answer, status] of [
    [true, 202],
    [false, 409],
    [null, 404],
  ] as const) {
    isBegun = answer;
    const { statusCode } = await app.inject({ method: "POST", url: "/webhooks/deliveries/msg_1/redeliver" });
    assert.equal(statusCode, status);
  }
  assert.equal(wakes, 1, "only for what is due");
});
