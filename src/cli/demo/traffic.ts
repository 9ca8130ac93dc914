import type { Headgate } from "../../../client/client.ts";
import type { SubmitOptions } from "../../../client/submit.ts";
import { pause } from "./pause.ts";

interface Kind extends SubmitOptions {
  readonly path: (n: number) => string;
  /** How often, compared with the others. */
  readonly share: number;
}

const CLIENTS = ["web", "mobile", "batch"];

const KINDS: readonly Kind[] = [
  { path: (n) => `/api/quick/${n}`, share: 10 },
  { path: (n) => `/api/reports/${n}`, share: 5, labels: { kind: "report" } },
  { path: (n) => `/api/prices/${n % 7}`, share: 5, method: "GET", idempotencyKey: null },
  { path: () => "/api/flaky", share: 3 },
  { path: () => "/api/broken", share: 1 },
  { path: () => "/api/image", share: 1, method: "GET", idempotencyKey: null },
  { path: () => "/api/large", share: 1, method: "GET", idempotencyKey: null },
  { path: () => "/api/long", share: 1, labels: { kind: "long" } },
  { path: (n) => `/api/quick/later/${n}`, share: 1, delay: "30s" },
];

const BETWEEN_MS = 500;

/** A trickle of requests of all kinds, by several clients, until the signal is aborted. Answers how many there were. */
export async function trickle(headgate: Headgate, signal: AbortSignal): Promise<number> {
  const choices = KINDS.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  let sent = 0;
  while (!signal.aborted) {
    const { path, share: _, ...options } = choices[Math.floor(Math.random() * choices.length)] as Kind;
    sent += 1;
    const priority = Math.random() < 0.1 ? 9 : 4;
    const client = CLIENTS[sent % CLIENTS.length] as string;
    const json = options.method === "GET" ? {} : { json: { number: sent } };
    // A queue that is full says so; whoever sends a trickle does not care.
    await headgate.submit(path(sent), { ...options, ...json, priority, client, signal }).catch(() => null);
    await pause(BETWEEN_MS * (0.5 + Math.random()));
  }
  return sent;
}
