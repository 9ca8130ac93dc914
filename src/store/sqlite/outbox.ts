import type { DatabaseSync } from "node:sqlite";
import type { DeliveryAttempt, DeliveryNext, NewDelivery } from "../outbox.ts";
import { prepareBeginning } from "./owe.ts";
import type { Row } from "./value.ts";

export const DELIVERY_COLUMNS =
  "id, endpoint, url, type, payload, task_id, client, task_state, state, created_at, next_at, ended_at, tries, log";

/** Of one delivery, when it is begun again. */
const TRIES_KEPT = 50;

/** Of one receiver's, in one transaction: all that others write waits for it. */
const FAILED_AT_ONCE = 2_000;

export interface OutboxRows {
  readonly rows: readonly Row[];
  readonly nextDueAt: number | null;
}

export interface OutboxVerbs {
  readonly addDeliveries: (deliveries: readonly NewDelivery[]) => void;
  readonly takeDeliveries: (now: number, until: number, limit: number) => OutboxRows;
  readonly putBackDeliveries: (ids: readonly string[], dueAt: number) => void;
  readonly recordDelivery: (id: string, attempt: DeliveryAttempt, next: DeliveryNext) => boolean;
  readonly redeliver: (id: string, now: number) => boolean | null;
  readonly disableReceiver: (url: string, now: number) => number;
  readonly enableReceiver: (url: string) => boolean;
  readonly pruneDeliveries: (endedBefore: number, limit: number) => number;
}

export function prepareOutbox(db: DatabaseSync): OutboxVerbs {
  return {
    addDeliveries: prepareAdd(db),
    takeDeliveries: prepareTake(db),
    putBackDeliveries: preparePutBack(db),
    recordDelivery: prepareRecord(db),
    redeliver: prepareRedeliver(db),
    disableReceiver: prepareDisable(db),
    enableReceiver: prepareEnable(db),
    pruneDeliveries: preparePruneDeliveries(db),
  };
}

function prepareAdd(db: DatabaseSync): OutboxVerbs["addDeliveries"] {
  const begin = prepareBeginning(db);
  const write = db.prepare(
    "INSERT INTO delivery (id, endpoint, url, type, payload, created_at, state, next_at, ended_at, log) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return (deliveries) => {
    for (const { id, endpoint, url, type, payload, createdAt } of deliveries) {
      write.run(id, endpoint, url, type, payload, createdAt, ...begin(url, createdAt));
    }
  };
}

function prepareTake(db: DatabaseSync): OutboxVerbs["takeDeliveries"] {
  const due = db.prepare(
    `SELECT ${DELIVERY_COLUMNS} FROM delivery INDEXED BY delivery_due WHERE next_at <= ? ORDER BY next_at, seq LIMIT ?`,
  );
  due.setReturnArrays(true);
  const hold = db.prepare("UPDATE delivery SET next_at = ? WHERE id = ?");
  const first = db.prepare(
    "SELECT min(next_at) AS at FROM delivery INDEXED BY delivery_due WHERE next_at IS NOT NULL",
  );
  return (now, until, limit) => {
    const rows = due.all(now, limit) as unknown as Row[];
    for (const [id] of rows) hold.run(until, id ?? null);
    const next = first.get()?.["at"] ?? null;
    return { rows, nextDueAt: next === null ? null : Number(next) };
  };
}

function preparePutBack(db: DatabaseSync): OutboxVerbs["putBackDeliveries"] {
  const write = db.prepare("UPDATE delivery SET next_at = ? WHERE id = ? AND state = 'pending'");
  return (ids, dueAt) => {
    for (const id of ids) write.run(dueAt, id);
  };
}

function prepareRecord(db: DatabaseSync): OutboxVerbs["recordDelivery"] {
  const write = db.prepare(
    `UPDATE delivery SET state = ?, next_at = ?, ended_at = ?, tries = tries + 1, log = coalesce(log || ',', '') || ?
      WHERE id = ? AND state = 'pending'`,
  );
  // Who takes what was sent again by hand is not gone.
  const enable = db.prepare("DELETE FROM gone_receiver WHERE url = (SELECT url FROM delivery WHERE id = ?)");
  return (id, attempt, next) => {
    const isPending = next.state === "pending";
    const endedAt = isPending ? null : attempt.at + attempt.durationMs;
    const nextAt = isPending ? next.nextAt : null;
    if (write.run(next.state, nextAt, endedAt, JSON.stringify(attempt), id).changes === 0) return false;
    if (next.state === "delivered") enable.run(id);
    return true;
  };
}

function prepareRedeliver(db: DatabaseSync): OutboxVerbs["redeliver"] {
  const find = db.prepare("SELECT state FROM delivery WHERE id = ?");
  const write = db.prepare(
    // However often it is begun again, the log stays short.
    `UPDATE delivery SET state = 'pending', next_at = ?, ended_at = NULL, tries = 0,
            log = (SELECT group_concat(value, ',' ORDER BY key) FROM
                    (SELECT key, value FROM json_each('[' || log || ']') ORDER BY key DESC LIMIT ${TRIES_KEPT}))
      WHERE id = ?`,
  );
  return (id, now) => {
    const state = find.get(id)?.["state"];
    if (state === undefined) return null;
    if (state === "pending") return false;
    write.run(now, id);
    return true;
  };
}

function prepareDisable(db: DatabaseSync): OutboxVerbs["disableReceiver"] {
  const remember = db.prepare("INSERT INTO gone_receiver (url, since) VALUES (?, ?) ON CONFLICT DO NOTHING");
  const fail = db.prepare(
    `UPDATE delivery SET state = 'failed', next_at = NULL, ended_at = ? WHERE seq IN
       (SELECT seq FROM delivery INDEXED BY delivery_url WHERE next_at IS NOT NULL AND url = ? LIMIT ${FAILED_AT_ONCE})`,
  );
  return (url, now) => {
    remember.run(url, now);
    return Number(fail.run(now, url).changes);
  };
}

function prepareEnable(db: DatabaseSync): OutboxVerbs["enableReceiver"] {
  const forget = db.prepare("DELETE FROM gone_receiver WHERE url = ?");
  return (url) => forget.run(url).changes === 1;
}

function preparePruneDeliveries(db: DatabaseSync): OutboxVerbs["pruneDeliveries"] {
  const erase = db.prepare(
    `DELETE FROM delivery WHERE seq IN
       (SELECT seq FROM delivery INDEXED BY delivery_ended WHERE ended_at < ? ORDER BY ended_at LIMIT ?)`,
  );
  return (endedBefore, limit) => Number(erase.run(endedBefore, limit).changes);
}

export function prepareFindDelivery(db: DatabaseSync): (id: string) => Row | null {
  const find = db.prepare(`SELECT ${DELIVERY_COLUMNS} FROM delivery WHERE id = ?`);
  find.setReturnArrays(true);
  return (id) => (find.get(id) as unknown as Row | undefined) ?? null;
}

export function prepareGoneReceivers(
  db: DatabaseSync,
): () => readonly { readonly url: string; readonly since: number }[] {
  const read = db.prepare("SELECT url, since FROM gone_receiver ORDER BY url");
  return () => read.all().map(({ url, since }) => ({ url: String(url), since: Number(since) }));
}
