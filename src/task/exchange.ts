import type { StoredResponse, TaskError } from "./task.ts";

/**
 * What became of one sending. `target.send` never throws: a refused connection, a time-out and a shutdown are values
 * here, and `task/decide.ts` alone says what follows from each.
 *
 *  - `answered`     a complete answer arrived and is stored
 *  - `never_sent`   no byte of the request left (DNS, connect, TLS, circuit): repeating is always safe
 *  - `unknown`      sent, but no complete answer: the target may or may not have acted
 *  - `too_large`    answered, but the answer is larger than may be kept
 *  - `interrupted`  this node is stopping; `sent` says whether the request had left
 *  - `cancelled`    the task was cancelled meanwhile
 *  - `postponed`    nothing was tried: no target could take it, or too many are tried again already
 */
export type Exchange =
  | {
      readonly kind: "answered";
      readonly target: string;
      readonly response: StoredResponse;
      /** False when the cache had it, or another task's call brought it. */
      readonly isOwn?: boolean;
    }
  | { readonly kind: "never_sent"; readonly target: string | null; readonly error: TaskError }
  | { readonly kind: "unknown"; readonly target: string | null; readonly error: TaskError }
  | {
      readonly kind: "too_large";
      readonly target: string;
      readonly status: number;
      readonly error: TaskError;
    }
  | { readonly kind: "interrupted"; readonly target: string | null; readonly sent: boolean }
  | { readonly kind: "cancelled"; readonly target: string | null }
  | {
      readonly kind: "postponed";
      readonly target: null;
      readonly reason: "queued" | "retry_backoff";
      readonly until: number | null;
    };

/** The `target` of an answer that came from the cache. */
export const FROM_CACHE = "cache";

/** Why an attempt is broken off before the target is done: the reason given to the attempt's `AbortSignal`. */
export type AbortReason = "cancelled" | "interrupted";
