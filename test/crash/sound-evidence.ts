// Logs of a run in which every promise was kept, to be spoilt by tests.

import type { Answer, Arrival, Digest, Evidence, Exported, Sent, Sighting } from "./evidence.ts";

/** To be spoilt. */
export type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

export const SMALL: Digest = { sizeBytes: 10, sha256: "small" };
const LARGE: Digest = { sizeBytes: 100_000, sha256: "large" };
export const FINE: Answer = { status: 200, body: SMALL };

/**
 * One task of each kind: `plain` completes; `again` (GET) is broken off by a kill and repeated; `lost` (POST) too and is
 * not; `stopped` is cancelled while it runs; `busy` is refused with 503 and repeated; `big` was not answered and has large
 * bodies; `denied` was refused. `late` waits behind all and is cancelled in line.
 */
export function soundEvidence(): Mutable<Evidence> {
  const evidence: Evidence = {
    sent: [
      sent("plain", "POST", 0),
      sent("again", "GET", 10),
      sent("lost", "POST", 20),
      sent("stopped", "PUT", 30),
      sent("busy", "POST", 40),
      { ...sent("big", "POST", 50), body: LARGE, fate: { kind: "unanswered" } },
      { ...sent("denied", "POST", 60), fate: { kind: "refused", status: 503 } },
      { ...sent("late", "POST", 70), priority: 0 },
    ],
    arrivals: [
      arrival("plain", "POST", 1, 100, 110),
      { ...arrival("again", "GET", 1, 105, 120), answer: null },
      { ...arrival("lost", "POST", 1, 115, 120), answer: null },
      arrival("again", "GET", 2, 2_000, 2_010),
      { ...arrival("stopped", "PUT", 1, 2_005, 2_020), answer: null },
      { ...arrival("busy", "POST", 1, 2_010, 2_030), answer: { status: 503, body: SMALL } },
      { ...arrival("big", "POST", 1, 2_030, 2_050), body: LARGE, answer: { status: 500, body: LARGE } },
      arrival("busy", "POST", 2, 3_000, 3_010),
    ],
    sightings: [
      sighting("plain", 6, "pending", 0),
      sighting("plain", 106, "processing", 1),
      sighting("plain", 200, "completed", 1),
      sighting("busy", 2_020, "processing", 1),
      sighting("busy", 2_500, "pending", 1),
      sighting("busy", 3_005, "processing", 2),
      sighting("busy", 3_500, "completed", 2),
    ],
    cancels: [
      { taskId: "id-stopped", at: 2_015, state: "cancelled", changed: true },
      { taskId: "id-late", at: 2_016, state: "cancelled", changed: true },
      { taskId: "id-plain", at: 2_017, state: "completed", changed: false },
    ],
    export: [
      exported("plain", "POST", "completed", "completed", [1_000]),
      exported("again", "GET", "completed", "completed", [1_005, 2_900]),
      { ...exported("lost", "POST", "failed", "outcome_unknown", [1_010]), answer: null },
      { ...exported("stopped", "PUT", "cancelled", "cancelled", [2_905]), answer: null },
      exported("busy", "POST", "completed", "completed", [2_910, 3_900]),
      { ...exported("big", "POST", "failed", "target_error", [2_930]), answer: { status: 500, body: LARGE } },
      { ...exported("late", "POST", "cancelled", "cancelled", []), answer: null },
    ],
    stats: { pending: 0, processing: 0, completed: 3, failed: 2, cancelled: 2 },
    inFlight: 0,
    files: [LARGE, LARGE],
    limits: { cap: 2, maxAttempts: 3, inlineBytes: 65_536 },
    logLateMs: 0,
  };
  // Not structuredClone, which keeps what is shared shared.
  return JSON.parse(JSON.stringify(evidence)) as Mutable<Evidence>;
}

function sent(token: string, method: string, at: number): Sent {
  return {
    token,
    method,
    priority: 4,
    body: SMALL,
    at,
    fate: { kind: "accepted", taskId: `id-${token}`, at: at + 5 },
  };
}

export function arrival(
  token: string,
  method: string,
  attempt: number,
  at: number,
  endedAt: number,
): Arrival {
  const taskId = `id-${token}`;
  return { token, headerToken: token, method, taskId, attempt, at, endedAt, body: SMALL, answer: FINE };
}

export function sighting(
  token: string,
  askedAt: number,
  state: Sighting["state"],
  attempts: number,
): Sighting {
  return { taskId: `id-${token}`, askedAt, at: askedAt + 1, state, attempts };
}

export function exported(
  token: string,
  method: string,
  state: Exported["state"],
  reason: string,
  starts: readonly number[],
): Exported {
  const attempts = starts.map((startedAt, i) => ({ number: i + 1, startedAt, outcome: "answered" as const }));
  return { taskId: `id-${token}`, token, method, state, reason, attempts, answer: FINE };
}
