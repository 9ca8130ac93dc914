import { isDeepStrictEqual } from "node:util";
import { Webhook } from "standardwebhooks";
import type { EndpointConfig, MessageFormat, WebhookConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import type { Language } from "../lib/language.ts";
import { createLoop, type Loop } from "../lib/loop.ts";
import type { Delivery, DeliveryNext, OutboxStore } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import type { TaskEvents } from "../task/event.ts";
import { waitAfterTries } from "./backoff.ts";
import { refusalIn } from "./chat-answer.ts";
import { formatNotice, signForChat } from "./message-format.ts";
import { createPoster, type Outgoing, type Poster, type Reply } from "./post.ts";
import { createQueues } from "./queues.ts";
import { taskNotice } from "./task-notice.ts";

/** Sends what is owed: takes it out of the outbox, tries it, writes what became of it. */
export interface Webhooks {
  readonly loop: Loop;
  /** Endpoints, secrets and addresses from now on. */
  configure(config: WebhookConfig): void;
  /** Resolves when no try is under way. */
  stop(): Promise<void>;
}

export interface WebhooksSettings {
  readonly config: WebhookConfig;
  readonly outbox: Pick<OutboxStore, "take" | "putBack" | "record" | "disable">;
  readonly find: Store["find"];
  readonly controlPrefix: string;
  readonly language: Language;
  readonly random: () => number;
  readonly clock: Clock;
  readonly emit: Emitter<TaskEvents>["emit"];
  readonly onError: (thrown: unknown) => void;
  /** Instead of the real one, in tests. */
  readonly post?: Poster["post"];
}

const LIMITS = Object.freeze({ underWay: 8, waiting: 256 });

/** When a receiver has as many waiting as it may, the next are looked at after this. */
const CROWDED_WAIT_MS = 500;
const TAKEN_AT_ONCE = 100;

/** How long nobody else takes what was taken: it waits for its receiver's others, and is tried. */
const WAITS_AT_MOST_MS = 60_000;

/** What is owed by other nodes, or comes due without an event of this one, is found then. */
const LOOK_EVERY_MS = 30_000;

interface Message extends Outgoing {
  readonly format: MessageFormat;
}

interface Taken {
  readonly delivery: Delivery;
  /** After this another may take it. */
  readonly until: number;
}

export function createWebhooks(settings: WebhooksSettings): Webhooks {
  const { outbox, clock, emit, onError } = settings;
  let { config } = settings;
  let poster = createPoster({ ...config, clock });
  const queues = createQueues<Taken>((taken) => attempt(taken).catch(onError), LIMITS);
  const loop = createLoop(poll, clock, onError);

  async function poll(): Promise<number> {
    const now = clock.now();
    const until = now + WAITS_AT_MOST_MS + config.timeoutMs;
    const { deliveries, nextDueAt } = await outbox.take(now, until, TAKEN_AT_ONCE);
    const crowded = deliveries.filter(
      (delivery) => !queues.add(new URL(delivery.url).origin, { delivery, until }),
    );
    // Behind those of other receivers: whoever has many waiting must not be looked at again and again.
    if (crowded.length > 0)
      await outbox.putBack(
        crowded.map(({ id }) => id),
        now + CROWDED_WAIT_MS,
      );
    if (deliveries.length === TAKEN_AT_ONCE) return 0;
    return Math.min(LOOK_EVERY_MS, nextDueAt === null ? LOOK_EVERY_MS : Math.max(0, nextDueAt - now));
  }

  async function attempt({ delivery, until }: Taken): Promise<void> {
    const at = clock.now();
    if (at + config.timeoutMs > until) return;
    const message = await toMessage(delivery);
    const reply = message === null ? GONE_FROM_CONFIG : await send(message);
    const next = decideNext(delivery, reply);
    const error = reply.error ?? (isAccepted(reply) ? null : explain(reply.status));
    const { status, durationMs } = reply;
    const told = isClients(delivery) && reply.noAddress !== null ? NO_ADDRESS : { durationMs, error };
    await outbox.record(delivery.id, { at, status, ...told }, next);
    emit("webhook.tried", {
      delivery: delivery.id,
      taskId: delivery.taskId,
      endpoint: delivery.endpoint,
      type: delivery.type,
      tries: delivery.tries + 1,
      status,
      error,
      state: next.state,
    });
    if (reply.status === 410) {
      emit("webhook.disabled", { url: delivery.url, failed: await disable(delivery.url) });
    }
    if (next.state === "pending") loop.wake();
  }

  async function disable(url: string): Promise<number> {
    let failed = 0;
    for (let some = -1; some !== 0; failed += some) some = await outbox.disable(url, clock.now());
    return failed;
  }

  async function send(message: Message): Promise<Reply> {
    const reply = await (settings.post ?? poster.post)(message);
    return isAccepted(reply) ? { ...reply, error: refusalIn(reply.text, message.format) } : reply;
  }

  /** Null when its endpoint is not configured any more. */
  async function toMessage(delivery: Delivery): Promise<Message | null> {
    const endpoint = config.endpoints.find(({ name }) => name === delivery.endpoint) ?? null;
    if (delivery.endpoint !== null && endpoint === null) return null;
    const found = delivery.payload === null ? await settings.find(String(delivery.taskId)) : null;
    const format = endpoint?.format ?? "standard";
    const body =
      delivery.payload ?? formatNotice(taskNotice(delivery, found?.task ?? null, settings), format);
    const url = new URL(delivery.url);
    if (format === "standard") return { ...signed(delivery.id, url, body, endpoint), format };
    const message = signForChat(format, endpoint?.secret ?? null, { url, body }, clock.now());
    return { ...message, headers: JSON_TYPE, format };
  }

  /** Standard Webhooks 1.0: https://www.standardwebhooks.com */
  function signed(id: string, url: URL, body: string, endpoint: EndpointConfig | null): Outgoing {
    const secret = endpoint?.secret ?? config.secret;
    const at = new Date(clock.now());
    const headers = {
      ...JSON_TYPE,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      ...(secret === null ? {} : { "webhook-signature": new Webhook(secret).sign(id, at, body) }),
    };
    return { url, headers, body };
  }

  function decideNext(delivery: Delivery, reply: Reply): DeliveryNext {
    if (isAccepted(reply)) return { state: "delivered" };
    if (reply.status === 410 || reply === GONE_FROM_CONFIG) return { state: "failed" };
    // Tried as often as an unknown one, or how often would say which it is.
    const isForbidden = reply.noAddress === "forbidden" && !isClients(delivery);
    const wait = waitAfterTries(delivery.tries + 1, config.giveUpAfterMs, settings.random(), isForbidden);
    if (wait === null) return { state: "failed" };
    const waitMs = Math.max(wait, Math.min(reply.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
    return { state: "pending", nextAt: clock.now() + waitMs };
  }

  return {
    loop,
    configure(next) {
      const { allow, timeoutMs } = config;
      config = next;
      if (isDeepStrictEqual([allow, timeoutMs], [next.allow, next.timeoutMs])) return;
      const before = poster;
      poster = createPoster({ ...config, clock });
      // What is under way ends as it began.
      before.retire().catch(onError);
    },
    async stop() {
      await loop.stop();
      await queues.drain();
      await poster.close();
    },
  };
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;

const JSON_TYPE: Readonly<Record<string, string>> = Object.freeze({
  "content-type": "application/json; charset=utf-8",
  "user-agent": "Headgate",
});

const GONE_FROM_CONFIG: Reply = Object.freeze({
  status: null,
  error: "Its endpoint is not in the configuration any more.",
  noAddress: null,
  retryAfterMs: null,
  durationMs: 0,
  text: "",
});

/** Whose URL a client has chosen. */
function isClients({ endpoint }: Delivery): boolean {
  return endpoint === null;
}

/**
 * What the log of deliveries, which that client reads, has instead of why: with it, clients could ask which names there are in
 * a network that is not theirs. The log of the server says why.
 */
const NO_ADDRESS = Object.freeze({
  durationMs: 0,
  error: "Its host is not known, or is no address that may be called.",
});

function isAccepted({ status, error }: Reply): boolean {
  return error === null && status !== null && status >= 200 && status < 300;
}

function explain(status: number | null): string {
  if (status !== null && status >= 300 && status < 400)
    return `It redirects (${status}); that is not followed.`;
  return status === 410 ? "It is gone (410); nothing is sent there any more." : `It answered ${status}.`;
}
