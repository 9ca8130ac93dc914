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
  const isGone = db.prepare("SELECT 1 FROM gone_receiver WHERE url = ?");
  const write = db.prepare(
    `INSERT INTO delivery (id, endpoint, url, type, task_id, client, task_state, state, created_at, next_at, ended_at, log)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function owe(task: Ended, { endpoint, url }: Callback, state: FinalState, at: number): void {
    const gone = isGone.get(url) !== undefined;
    const refused: DeliveryAttempt = { at, durationMs: 0, status: null, error: GONE };
    const about = [newDeliveryId(), endpoint, url, `task.${state}`, task.id, task.client, state] as const;
    if (gone) write.run(...about, "failed", at, null, at, JSON.stringify(refused));
    else write.run(...about, "pending", at, at, null, null);
  }

  return (task, state, at) => {
    if (task.callbacks === null) return;
    for (const callback of JSON.parse(task.callbacks) as Callback[]) {
      if (callback.on.includes(state)) owe(task, callback, state, at);
    }
  };
}

function newDeliveryId(): string {
  return `msg_${randomBytes(18).toString("base64url")}`;
}

const GONE = "The receiver said 410 Gone before; nothing is sent there until it is enabled again.";
