import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { createEmitter } from "../../src/lib/emitter.ts";
import { createWebhookService } from "../../src/server/webhooks.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { TaskEvents } from "../../src/task/event.ts";
import { createManualClock } from "../lib/manual-clock.ts";
import { EVENTS } from "./events.ts";

function thrower(error: unknown): never {
  throw error;
}

test(
  "what a task owes is looked for when it ends, also where this process accepted none with a receiver",
  { timeout: 55_000 },
  async (t) => {
    const events = createEmitter<TaskEvents>(thrower);
    const clock = createManualClock();
    let looks = 0;
    const outbox = {
      async take() {
        looks += 1;
        return { deliveries: [], nextDueAt: null };
      },
    } as unknown as OpenStore["outbox"];
    const { config } = loadConfig({
      flags: new Map([["target", "http://t"]]),
      environment: {},
      cwd: "/",
      terminal: false,
    });
    const store = { outbox, find: async () => null };
    const service = createWebhookService({ config, store, events, clock, onError: thrower });
    t.after(service.stop);
    service.start();
    while (looks < 1) await new Promise(setImmediate);
    events.emit("task.ended", EVENTS["task.ended"]);
    clock.advance(50);
    while (looks < 2) await new Promise(setImmediate);
  },
);
