import { z } from "zod";
import type { Role } from "../task/caller.ts";
import type { Rate } from "../task/lane.ts";
import { integer, oneOf, type Rule } from "./kind.ts";
import { clientName, rate } from "./rules.ts";
import { type Found, list, record, type Shape, value } from "./shape.ts";

/** What the file says of who may call. */
export interface WrittenKey {
  readonly sha256: string | null;
  readonly key: string | null;
  readonly role: Role;
  readonly client: string | null;
  readonly quota: WrittenQuota;
}

export interface WrittenQuota {
  readonly rate: Rate | null;
  readonly max_open: number | null;
}

export interface WrittenSecrets {
  readonly headers: readonly Found<string>[];
}

function sha256(): Rule<string> {
  return {
    allowed: '64 hexadecimal digits, as `printf %s "$KEY" | sha256sum` makes them',
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}$/i)
      .transform((text) => text.toLowerCase()),
  };
}

function keyText(): Rule<string> {
  return { allowed: "20 to 256 visible characters", schema: z.string().regex(/^[!-~]{20,256}$/) };
}

function headerName(): Rule<string> {
  return {
    allowed: "the name of a header field other than Host",
    schema: z
      .string()
      .regex(/^(?![Hh][Oo][Ss][Tt]$)[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/)
      .transform((text) => text.toLowerCase()),
  };
}

const QUOTA: Shape<WrittenQuota> = record<WrittenQuota>({
  rate: {
    shape: value(rate()),
    default: null,
    unset: "no limit",
    text: "requests in a time",
    example: "100/m",
  },
  max_open: {
    shape: value(integer(1, 10_000_000)),
    default: null,
    unset: "no limit",
    text: "tasks of its client that have not ended",
    example: 1_000,
  },
});

export const KEY: Shape<WrittenKey> = record<WrittenKey>({
  sha256: {
    shape: value(sha256()),
    default: null,
    unset: "that of `key`",
    text: "the SHA-256 of the key, so that the key itself is not in the file",
    example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  },
  key: {
    shape: value(keyText()),
    default: null,
    unset: "known by its `sha256`",
    text: "the key itself, in place of `sha256`",
    example: "hg_put-a-long-random-text-here",
  },
  role: {
    shape: value(oneOf("submit", "read", "operate", "admin")),
    default: "submit",
    text: "submit sends requests and sees its own tasks; read sees all; operate does all but manage keys; admin does that, too",
    example: "read",
  },
  client: {
    shape: value(clientName()),
    default: null,
    unset: "the key's name",
    text: "whose tasks it submits",
    example: "web",
  },
  quota: { shape: QUOTA, default: {}, text: "what it may use", example: { rate: "100/m", max_open: 1_000 } },
});

export const SECRETS: Shape<WrittenSecrets> = record<WrittenSecrets>({
  headers: {
    shape: list(value(headerName())),
    default: [],
    text: "header fields whose values are encrypted on the disk, besides Authorization, Cookie, Set-Cookie and their like",
    example: ["x-api-key"],
  },
});
