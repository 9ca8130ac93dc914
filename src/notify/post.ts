import { Agent, type Dispatcher } from "undici";
import { createAddressGuard } from "../lib/address-guard.ts";
import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/error.ts";
import { createGuardedConnector, ForbiddenAddressError, UnknownHostError } from "./guarded-connector.ts";

/** A message as it goes out. */
export interface Outgoing {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a receiver said to it, or why it could not. */
export interface Reply {
  readonly status: number | null;
  readonly error: string | null;
  /** Its host stands for no address that may be called, or for none; null when it was called, or could have been. */
  readonly noAddress: "forbidden" | "unknown" | null;
  /** How long it asks to be left alone. */
  readonly retryAfterMs: number | null;
  readonly durationMs: number;
  /** The beginning of its answer. */
  readonly text: string;
}

export interface PosterSettings {
  readonly allow: readonly string[];
  /** From connecting to the end of the answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface Poster {
  /** Never throws. Redirects are not followed: they are answers. */
  post(message: Outgoing): Promise<Reply>;
  /** Begins nothing more; resolves when all that is under way has ended. */
  retire(): Promise<void>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** What is read of an answer: a connection can only be kept when it was read. */
const LARGEST_ANSWER_BYTES = 64 * 1024;

/** What is looked at: chats say in a short text whether they took a message. */
const LONGEST_TEXT_BYTES = 4 * 1024;

export function createPoster({ allow, timeoutMs, clock }: PosterSettings): Poster {
  const agent = new Agent({
    connect: createGuardedConnector(createAddressGuard(allow), timeoutMs),
    keepAliveTimeout: 4_000,
    maxHeaderSize: 16 * 1024,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function exchange(message: Outgoing, signal: AbortSignal): Promise<Omit<Reply, "durationMs">> {
    const { url, headers, body } = message;
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: "POST",
      headers,
      body,
      signal,
    });
    const text = await skim(answer.body, signal);
    return {
      text,
      status: answer.statusCode,
      error: null,
      noAddress: null,
      retryAfterMs: retryAfterMs(answer.headers["retry-after"]),
    };
  }

  return {
    async post(message) {
      const startedAt = clock.monotonicMs();
      const late = new AbortController();
      const cancel = clock.after(timeoutMs, () =>
        late.abort(new Error(`It took longer than ${timeoutMs / 1_000} s.`)),
      );
      let reply: Omit<Reply, "durationMs">;
      try {
        reply = await exchange(message, late.signal);
      } catch (thrown) {
        reply = failure(thrown);
      }
      cancel();
      return { ...reply, durationMs: Math.round(clock.monotonicMs() - startedAt) };
    },
    retire: () => agent.close(),
    close: () => agent.destroy(),
  };
}

async function skim(body: Dispatcher.ResponseData["body"], signal: AbortSignal): Promise<string> {
  const kept: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (sizeBytes < LONGEST_TEXT_BYTES) kept.push(piece);
    sizeBytes += piece.length;
    // Leaving the loop closes the connection.
    if (sizeBytes > LARGEST_ANSWER_BYTES) break;
  }
  signal.throwIfAborted();
  return Buffer.concat(kept).subarray(0, LONGEST_TEXT_BYTES).toString();
}

function failure(thrown: unknown): Omit<Reply, "durationMs"> {
  const error = toError(thrown);
  return {
    status: null,
    error: error.message === "" ? error.name : error.message,
    noAddress: whyNoAddress(error),
    retryAfterMs: null,
    text: "",
  };
}

function whyNoAddress(error: Error): Reply["noAddress"] {
  if (error instanceof ForbiddenAddressError) return "forbidden";
  return error instanceof UnknownHostError ? "unknown" : null;
}

function retryAfterMs(value: string | readonly string[] | undefined): number | null {
  return typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : null;
}
