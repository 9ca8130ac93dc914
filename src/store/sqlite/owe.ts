import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Callback, FinalState } from "../../task/task.ts";
import type { DeliveryAttempt } from "../outbox.ts";

/** Of a task: what must be known to tell of its end. */
export interface Ended {
  readonly id: string;
  readonly client: string;
  /** As the task has them: JSON, or null for nobody. */
  readonly callbacks: string | null;
}

/** Writes what is owed to those who are told that a task has ended, in the transaction that ends it. */
export type Owe = (task: Ended, state: FinalState, at: number) => void;

export function prepareOwe(db: DatabaseSync): Owe {
  const begin = prepareBeginning(db);
  const write = db.prepare(
    `INSERT INTO delivery (id, endpoint, url, type, task_id, client, task_state, created_at, state, next_at, ended_at, log)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  return ({ id, client, callbacks }, state, at) => {
    if (callbacks === null) return;
    for (const { endpoint, url, on } of JSON.parse(callbacks) as Callback[]) {
      if (!on.includes(state)) continue;
      const type = `task.${state}`;
      write.run(newDeliveryId(), endpoint, url, type, id, client, state, at, ...begin(url, at));
    }
  };
}

/** `state`, `next_at`, `ended_at` and `log` of a new delivery: what is for a receiver that is gone ends at once. */
export function prepareBeginning(
  db: DatabaseSync,
): (
  url: string,
  at: number,
) => readonly [state: string, nextAt: number | null, endedAt: number | null, log: string | null] {
  const isGone = db.prepare("SELECT 1 FROM gone_receiver WHERE url = ?");
  return (url, at) => {
    if (isGone.get(url) === undefined) return ["pending", at, null, null];
    const refused: DeliveryAttempt = { at, durationMs: 0, status: null, error: GONE };
    return ["failed", null, at, JSON.stringify(refused)];
  };
}

function newDeliveryId(): string {
  return `msg_${randomBytes(18).toString("base64url")}`;
}

const GONE =
  "The receiver said 410 Gone before; nothing more is sent there until it is enabled or takes a redelivery.";
