import { retryAfterMs } from "../task/decide.ts";
import type { Exchange } from "../task/exchange.ts";
import { isFaultOfTarget } from "./failure.ts";

/**
 * What an exchange says of its target.
 *
 *  - `success`  a complete answer, whatever its status but those below
 *  - `refusal`  it works, and asks to be left alone: 429, or 503 with `Retry-After`
 *  - `failure`  it could not be reached, broke off before it answered, or says that it cannot: 502, 503, 504. Too late is a
 *               failure only where another target may be quicker: a lone one that works on long requests is not down, and
 *               to let one at a time through to it would take hours
 *  - `nothing`  this side ended it or could not do its own part, or it answered oddly, which is about that request
 */
export interface Verdict {
  readonly kind: "success" | "refusal" | "failure" | "nothing";
  /** What went wrong at the target; null when nothing did. */
  readonly failure: string | null;
  /** For how long it asked to be left alone. */
  readonly leaveAloneMs: number | null;
}

export function judge(exchange: Exchange, now: number, isAlone: boolean): Verdict {
  switch (exchange.kind) {
    case "answered": {
      const { status } = exchange.response;
      if (status < 429) return SUCCESS;
      const leaveAloneMs = status === 429 || status === 503 ? retryAfterMs(exchange.response, now) : null;
      if (status === 429 || leaveAloneMs !== null) return { kind: "refusal", failure: null, leaveAloneMs };
      if (!UNABLE.has(status)) return SUCCESS;
      return { kind: "failure", failure: `status ${status}`, leaveAloneMs };
    }
    case "never_sent":
    case "unknown":
      return isFaultOfTarget(exchange.error, isAlone)
        ? { kind: "failure", failure: exchange.error.code, leaveAloneMs: null }
        : NOTHING;
    case "too_large":
    case "interrupted":
    case "cancelled":
    case "postponed":
      return NOTHING;
    default:
      return exchange satisfies never;
  }
}

/** RFC 9110 15.6.3 to 15.6.5. Any other status is the service's word on the request, 500 included. */
const UNABLE: ReadonlySet<number> = new Set([502, 503, 504]);

const SUCCESS: Verdict = Object.freeze({ kind: "success", failure: null, leaveAloneMs: null });
const NOTHING: Verdict = Object.freeze({ kind: "nothing", failure: null, leaveAloneMs: null });
