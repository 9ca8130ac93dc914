import { Client } from "undici";
import type { HealthConfig } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import { toError } from "../lib/error.ts";
import { createLoop } from "../lib/loop.ts";
import { VERSION } from "../lib/version.ts";
import { failureOf } from "./failure.ts";

/** Asks a target again and again whether it is well. */
export interface Check {
  /** Null until the first answer. */
  readonly healthy: boolean | null;
  start(): void;
  /** Breaks off the request under way; nothing is heard of it. */
  stop(): Promise<void>;
}

export interface CheckSettings {
  /** The target's base URL, without a slash at the end. */
  readonly target: string;
  readonly config: HealthConfig;
  /** What was thought of it before the checks were changed. */
  readonly healthy: boolean | null;
  readonly clock: Clock;
  /** Called when what is thought of the target changes; and if the first answer is bad. */
  readonly onChange: (healthy: boolean, why: string) => void;
  readonly onError: (thrown: unknown) => void;
}

/** An answer that is longer is not read to its end. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * `GET` of the health path; a status of 2xx or 3xx in time is good. Each check has a connection of its own, so that it
 * tells whether the target takes new ones. The first answer counts at once, so that a node which starts beside a broken
 * target does not send it requests first; later ones count when enough in a row say the same.
 */
export function createCheck(settings: CheckSettings): Check {
  const { target, config, clock, onChange, onError } = settings;
  const base = new URL(target);
  const path = target.slice(base.origin.length) + config.path;
  const client = new Client(base.origin, { connect: { timeout: config.timeoutMs } });
  const request = { path, method: "GET", headers: USER_AGENT, reset: true } as const;
  let { healthy } = settings;
  let contrary = 0;
  let isStopped = false;
  let underWay = new AbortController();
  const loop = createLoop(poll, clock, onError);

  async function poll(): Promise<number> {
    const startedAt = clock.monotonicMs();
    const { isGood, why } = await ask();
    if (!isStopped) note(isGood, why);
    return Math.max(0, config.intervalMs - (clock.monotonicMs() - startedAt));
  }

  async function ask(): Promise<{ readonly isGood: boolean; readonly why: string }> {
    const abort = new AbortController();
    underWay = abort;
    const cancel = clock.after(config.timeoutMs, () => abort.abort());
    try {
      const { statusCode, body } = await client.request({ ...request, signal: abort.signal });
      // It has said how it is; how the rest arrives changes nothing.
      await body.dump({ limit: MAX_ANSWER_BYTES }).catch(() => {});
      return { isGood: statusCode >= 200 && statusCode < 400, why: `status ${statusCode}` };
    } catch (thrown) {
      const why = abort.signal.aborted
        ? "http_response_timeout"
        : failureOf(toError(thrown), target, false).code;
      return { isGood: false, why };
    } finally {
      cancel();
    }
  }

  function note(isGood: boolean, why: string): void {
    contrary = isGood === healthy ? 0 : contrary + 1;
    const needed = isGood ? config.healthyAfter : config.unhealthyAfter;
    if (contrary === 0 || (healthy !== null && contrary < needed)) return;
    const isNews = healthy !== null || !isGood;
    healthy = isGood;
    contrary = 0;
    if (isNews) onChange(isGood, why);
  }

  return {
    get healthy() {
      return healthy;
    },
    start: () => loop.start(),
    async stop() {
      isStopped = true;
      underWay.abort();
      await loop.stop();
      await client.destroy();
    },
  };
}

const USER_AGENT = Object.freeze({ "User-Agent": `headgate/${VERSION}` });
