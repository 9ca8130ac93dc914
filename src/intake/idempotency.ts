import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HeadgateError } from "../lib/error.ts";
import { IDEMPOTENCY_KEY, parseIdempotencyKey } from "../lib/idempotency-key.ts";
import type { BodySink } from "../store/store.ts";
import type { Body } from "../task/task.ts";

/**
 * A request with an `Idempotency-Key`, by which it is known when it comes again; or with a `Headgate-Idempotency-Key`, which
 * says no more than that. The standard one is sent on, and promises that the target, too, takes the request once.
 */
export interface Identity {
  /** Of client, lane and the client's key: `Dedupe.key`. */
  readonly key: string;
  /** Lets a body through to a sink, and hashes it as it passes. */
  through(sink: BodySink): BodySink;
  /** `Dedupe.fingerprint`, when its body is whole. */
  fingerprint(body: Body): string;
}

/**
 * Null for a request without the key. One client's keys mean nothing for another, nor for another lane. Throws
 * `invalid_request` for a key that is malformed: its client believes to be safe against a second run.
 */
export function identify(
  { method = "", url = "", headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  client: string,
  lane: string,
): Identity | null {
  const key =
    readIdempotencyKey(headers["headgate-idempotency-key"], OURS) ??
    readIdempotencyKey(headers["idempotency-key"]);
  if (key === null) return null;
  // Neither method nor target can have a space in it.
  const streamed = createHash("sha256").update(`${method} ${url} `);
  const whole = streamed.copy();
  return {
    key: scopedKey(["request", client, lane, key]),
    through: (sink) => ({
      write(chunk) {
        streamed.update(chunk);
        return sink.write(chunk);
      },
      finish: () => sink.finish(),
      abort: () => sink.abort(),
    }),
    fingerprint(body) {
      if (body.kind === "file") return streamed.digest("base64url");
      return (body.kind === "empty" ? whole : whole.update(body.bytes)).digest("base64url");
    },
  };
}

/** One length for all, and nothing of a client's key or name in the store's index. Names and keys have no control characters. */
export function scopedKey(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("base64url");
}

/** Null when there is none. Throws `invalid_request` for what is no key. */
export function readIdempotencyKey(
  field: string | readonly string[] | undefined,
  name: string = STANDARD,
): string | null {
  if (field === undefined) return null;
  const key = parseIdempotencyKey(typeof field === "string" ? field : field.join(", "));
  if (key !== null) return key;
  throw new HeadgateError("invalid_request", `${name} is ${IDEMPOTENCY_KEY}.`, { field: name });
}

/** Sent on, and read; ours is read alone, and goes before. */
const STANDARD = "Idempotency-Key";
const OURS = "Headgate-Idempotency-Key";

/** Throws when what came under a key is another request than the one before. */
export function refuseMismatch(isSame: boolean, { headers }: Pick<IncomingMessage, "headers">): void {
  if (isSame) return;
  const field = headers["headgate-idempotency-key"] === undefined ? STANDARD : OURS;
  throw new HeadgateError(
    "idempotency_mismatch",
    `This ${field} came with another request before: method, path and body must be the same.`,
    { field },
  );
}
