import { randomUUID } from "node:crypto";
import type { WebhookSettings } from "../api/webhooks.ts";
import type { Config, EndpointConfig } from "../config/config.ts";
import { type CallbacksFor, createCallbacks } from "../intake/callbacks.ts";
import { createAddressGuard, mayBeCalled } from "../lib/address-guard.ts";
import { type Clock, toIsoTime } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { formatNotice } from "../notify/message-format.ts";
import type { Notice } from "../notify/notice.ts";
import { createWebhooks } from "../notify/webhooks.ts";
import type { NewDelivery } from "../store/outbox.ts";
import type { OpenStore } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";

/** Webhooks as the rest of a node knows them. */
export interface WebhookService {
  readonly callbacksFor: CallbacksFor;
  /** Owes a message to endpoints of the configuration, by their names. */
  notify(endpoints: readonly string[], notice: Notice): Promise<void>;
  readonly control: Pick<WebhookSettings, "outbox" | "endpoints" | "testEndpoint" | "wakeWebhooks">;
  configure(config: Config): void;
  start(): void;
  stop(): Promise<void>;
}

export interface WebhookServiceSettings {
  readonly config: Config;
  readonly store: Pick<OpenStore, "outbox" | "find">;
  readonly events: Emitter<TaskEvents>;
  readonly clock: Clock;
  readonly onError: (thrown: unknown) => void;
}

/** Ends of tasks come in bursts; what they owe is taken together. */
const GATHER_MS = 50;

export function createWebhookService(settings: WebhookServiceSettings): WebhookService {
  const { store, events, clock } = settings;
  const { outbox } = store;
  let { webhooks: config } = settings.config;
  let isAllowed = createAddressGuard(config.allow);
  let isGathering = false;
  const sender = createWebhooks({
    config,
    outbox,
    find: store.find,
    controlPrefix: settings.config.controlPrefix,
    language: settings.config.locale,
    random: Math.random,
    clock,
    emit: events.emit,
    onError: settings.onError,
  });
  const choose = createCallbacks(
    () => config,
    (url) => mayBeCalled(url, isAllowed),
  );

  /** After any end: a task may name a receiver of its own, and have been accepted before this process began. */
  function wakeSoon(): void {
    if (isGathering) return;
    isGathering = true;
    clock.after(GATHER_MS, () => {
      isGathering = false;
      sender.loop.wake();
    });
  }

  async function notify(names: readonly string[], notice: Notice): Promise<void> {
    const told = config.endpoints.filter(({ name }) => names.includes(name));
    await outbox.add(told.map((endpoint) => toDelivery(endpoint, notice)));
    sender.loop.wake();
  }

  function toDelivery(endpoint: EndpointConfig, notice: Notice): NewDelivery {
    return {
      id: `msg_${randomUUID().replaceAll("-", "")}`,
      endpoint: endpoint.name,
      url: endpoint.url.href,
      type: notice.type,
      payload: formatNotice(notice, endpoint.format),
      createdAt: clock.now(),
    };
  }

  events.on("task.ended", wakeSoon);

  return {
    callbacksFor: choose,
    notify,
    control: {
      outbox,
      endpoints: () => config.endpoints,
      async testEndpoint(name) {
        const endpoint = config.endpoints.find((each) => each.name === name);
        if (endpoint === undefined) return null;
        const delivery = toDelivery(endpoint, {
          type: "test",
          timestamp: toIsoTime(clock.now()),
          title: "A test",
          facts: [["Endpoint", name]],
          data: { endpoint: name },
        });
        await outbox.add([delivery]);
        sender.loop.wake();
        return delivery.id;
      },
      wakeWebhooks: sender.loop.wake,
    },
    configure(next) {
      config = next.webhooks;
      isAllowed = createAddressGuard(config.allow);
      sender.configure(config);
    },
    start: sender.loop.start,
    stop: sender.stop,
  };
}
