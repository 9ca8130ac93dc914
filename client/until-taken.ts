import { discard } from "./connection.ts";
import { HeadgateError } from "./errors.ts";
import { sleep } from "./sleep.ts";

/** An idempotency key known to Headgate alone: it does not say that the service may be sent the request twice. */
export const OWN_KEY = "Headgate-Idempotency-Key";

/** Not `crypto.randomUUID`, which browsers keep from pages that came by plain HTTP. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What came of one sending. */
export type Sent<Taken> = { readonly taken: Taken } | { readonly refusal: Response };

const TRIES = 4;
const LONGEST_PAUSE_MS = 10_000;

/** Full, starting or stopping: it passes. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/** Sends, again where `isRepeatable`: what has a key is taken once, however often it comes. */
export async function untilTaken<Taken>(
  send: () => Promise<Sent<Taken>>,
  isRepeatable: boolean,
  signal: AbortSignal | undefined,
): Promise<Sent<Taken>> {
  for (let attempt = 1; ; attempt++) {
    const isLast = !isRepeatable || attempt === TRIES;
    const sent = await send().catch((error: unknown) => {
      if (isLast || signal?.aborted === true || error instanceof HeadgateError) throw error;
      return { refusal: null };
    });
    if ("taken" in sent) return sent;
    const { refusal } = sent;
    if (refusal !== null && (isLast || !PASSING.has(refusal.status))) return { refusal };
    await discard(refusal);
    await sleep(pauseMs(refusal, attempt), signal);
    signal?.throwIfAborted();
  }
}

function pauseMs(response: Response | null, attempt: number): number {
  const asked = Number(response?.headers.get("Retry-After") ?? 0) * 1_000;
  const own = 250 * 2 ** attempt * (0.5 + Math.random() / 2);
  return Math.min(LONGEST_PAUSE_MS, Math.max(own, Number.isFinite(asked) ? asked : 0));
}
