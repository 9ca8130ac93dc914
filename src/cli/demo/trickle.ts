import { setTimeout as pause } from "node:timers/promises";
import type { Headgate } from "../../../client/client.ts";
import { QueueFullError } from "../../../client/errors.ts";
import type { SubmitOptions } from "../../../client/submit.ts";

/** Something that clients of such a service ask for. */
interface Errand {
  readonly path: string;
  readonly options?: SubmitOptions;
  /** How often it comes up, compared with the others. */
  readonly share: number;
}

const ERRANDS: readonly Errand[] = [
  { path: "/api/quick", options: { json: { question: "how are you" } }, share: 8 },
  { path: "/api/report", options: { json: { month: "2026-02", pages: 6 }, priority: 6 }, share: 5 },
  { path: "/api/report", options: { json: { month: "2026-01", pages: 20 }, priority: 1 }, share: 2 },
  { path: "/api/train", options: { json: { model: "tiny", seconds: 12 } }, share: 1 },
  { path: "/api/order", options: { json: { order: 17 }, labels: { kind: "order" } }, share: 3 },
  { path: "/api/legacy", options: { json: {} }, share: 1 },
  { path: "/api/picture", options: { method: "GET" }, share: 2 },
  { path: "/api/export", options: { method: "GET" }, share: 1 },
  { path: "/catalog/7", options: { method: "GET" }, share: 3 },
  { path: "/catalog/12", options: { method: "GET" }, share: 2 },
  { path: "/single/stamp", share: 2 },
  { path: "/partner/flaky", options: { json: {}, labels: { kind: "flaky" } }, share: 1 },
  { path: "/partner/metered/lookup", options: { json: {} }, share: 2 },
  { path: "/api/quick", options: { json: { when: "later" }, delay: "20s" }, share: 1 },
];

const CLIENTS = ["acme", "globex", "initech"];
const AT_FIRST = 25;
const LONGEST_PAUSE_MS = 900;

/** Submits tasks of all kinds, first many and then a few each second, until the signal is aborted. */
export async function trickle(headgate: Headgate, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    const { path, options } = pick();
    const client = CLIENTS[Math.floor(Math.random() * CLIENTS.length)] ?? "acme";
    try {
      // Without a key: the same errand is another task each time, and a full queue is not tried again.
      await headgate.submit(path, { ...options, client, idempotencyKey: null, signal });
    } catch (thrown) {
      // The gateway is about to end, or its queue is full: which it says, and counts.
      if (!(thrown instanceof QueueFullError) && !signal.aborted) throw thrown;
    }
    if (count >= AT_FIRST) await pause(Math.random() * LONGEST_PAUSE_MS, null, { signal }).catch(() => null);
  }
}

function pick(): Errand {
  let left = Math.random() * ERRANDS.reduce((sum, { share }) => sum + share, 0);
  return ERRANDS.find(({ share }) => (left -= share) < 0) ?? (ERRANDS[0] as Errand);
}
