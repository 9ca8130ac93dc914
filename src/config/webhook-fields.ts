import { z } from "zod";
import type { FinalState } from "../task/task.ts";
import type { MessageFormat } from "./config.ts";
import { addresses, duration, oneOf, refuse, type Rule } from "./kind.ts";
import { name } from "./rules.ts";
import { type Found, list, map, record, type Shape, value } from "./shape.ts";

/** What the file says of those who are told about tasks. */
export interface WrittenWebhooks {
  readonly secret: string | null;
  readonly allow: readonly string[];
  readonly timeout: number;
  readonly give_up_after: number;
  readonly retention: number;
  readonly endpoints: readonly Found<WrittenEndpoint>[];
}

export interface WrittenEndpoint {
  readonly url: URL;
  readonly secret: string | null;
  readonly on: readonly Found<FinalState>[];
  readonly routes: readonly Found<string>[];
  readonly format: MessageFormat;
}

/** Standard Webhooks: 24 to 64 bytes. */
export const SIGNING_SECRET = "whsec_ and 24 to 64 bytes in Base64, as `openssl rand -base64 32` makes them";

export function isSigningSecret(text: string): boolean {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (encoded === undefined) return false;
  const { length } = Buffer.from(encoded, "base64");
  return length >= 24 && length <= 64;
}

function signingSecret(): Rule<string> {
  return {
    allowed: SIGNING_SECRET,
    schema: z.string().superRefine(refuse((text) => (isSigningSecret(text) ? null : `be ${SIGNING_SECRET}`))),
  };
}

/** A chat's own secret has another form; `notices.ts` checks it against the format. */
function endpointSecret(): Rule<string> {
  return { allowed: `${SIGNING_SECRET}; or what the chat gave you`, schema: z.string().min(8).max(256) };
}

function receiverUrl(): Rule<URL> {
  return {
    allowed: RECEIVER_URL,
    schema: z
      .string()
      .superRefine(refuse((text) => (isReceiverUrl(text) ? null : `be ${RECEIVER_URL}`)))
      .transform((text) => new URL(text)),
  };
}

const RECEIVER_URL = "an http:// or https:// URL without user name, password and fragment";

function isReceiverUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === "";
}

const ENDPOINT: Shape<WrittenEndpoint> = record<WrittenEndpoint>({
  url: {
    shape: value(receiverUrl()),
    required: true,
    text: "where messages are sent (POST)",
    example: "https://ops.example.com/hooks/headgate",
  },
  secret: {
    shape: value(endpointSecret()),
    default: null,
    unset: "that of `webhooks`",
    text: "signs what is sent there; with `dingtalk` and `feishu` the secret of the chat's robot",
    example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
  },
  on: {
    shape: list(value(oneOf("completed", "failed", "cancelled"))),
    default: ["completed", "failed", "cancelled"],
    text: "ends of tasks it is told of; `[]` for one that gets alerts only",
    example: ["failed"],
  },
  routes: {
    shape: list(value(name())),
    default: [],
    unset: "all",
    text: "routes whose tasks it is told of",
    example: ["v1-images"],
  },
  format: {
    shape: value(oneOf("standard", "slack", "dingtalk", "feishu", "wecom")),
    default: "standard",
    text: "standard is Standard Webhooks; the others are messages for people, as these chats take them",
    example: "slack",
  },
});

export const WEBHOOKS: Shape<WrittenWebhooks> = record<WrittenWebhooks>({
  secret: {
    shape: value(signingSecret()),
    default: null,
    unset:
      "none: `Headgate-Callback` is refused, and every endpoint has a secret of its own or sends unsigned",
    text: "signs messages to URLs of `Headgate-Callback`, and to endpoints without a secret",
    example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
  },
  allow: {
    shape: value(addresses()),
    default: [],
    unset: "public addresses only",
    text: "addresses and ranges that may be called though they are not public",
    example: ["10.0.0.0/8"],
  },
  timeout: {
    shape: value(duration(100, "5m")),
    default: "15s",
    text: "how long one try may take",
    example: "5s",
  },
  give_up_after: {
    shape: value(duration(1_000, "30d")),
    default: "24h",
    text: "how long a message is tried",
    example: "3d",
  },
  retention: {
    shape: value(duration(1_000)),
    default: "7d",
    text: "how long the log of deliveries is kept",
    example: "30d",
  },
  endpoints: {
    shape: map(name(), ENDPOINT),
    default: {},
    text: "receivers by name",
    example: { ops: { url: "https://ops.example.com/hooks/headgate", on: ["failed"] } },
  },
});
