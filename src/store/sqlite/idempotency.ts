import type { DatabaseSync } from "node:sqlite";
import type { Dedupe } from "../../task/task.ts";
import type { Duplicate } from "../acceptance.ts";

/** As `Dedupe`, flat. */
export type DedupeRow = readonly [key: string, fingerprint: string, expiresAt: number];

export function toDedupeRow(dedupe: Dedupe | null): DedupeRow | null {
  return dedupe && [dedupe.key, dedupe.fingerprint, dedupe.expiresAt];
}

export interface Idempotency {
  /** What came under this key before and is still remembered. */
  known(dedupe: DedupeRow, now: number): Duplicate | null;
  remember(dedupe: DedupeRow, subject: string): void;
}

/** The part of a transaction that accepts something: what came before is not accepted again. */
export function prepareIdempotency(db: DatabaseSync): Idempotency {
  const find = prepareFindKey(db);
  const write = db.prepare(
    `INSERT INTO idempotency (key, fingerprint, subject, expires_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, subject = excluded.subject, expires_at = excluded.expires_at`,
  );
  return {
    known([key, fingerprint], now) {
      const found = find(key, now);
      return found && { duplicateOf: found.subject, isSame: found.fingerprint === fingerprint };
    },
    remember([key, fingerprint, expiresAt], subject) {
      write.run(key, fingerprint, subject, expiresAt);
    },
  };
}

export interface FoundKey {
  readonly subject: string;
  readonly fingerprint: string;
}

export function prepareFindKey(db: DatabaseSync): (key: string, now: number) => FoundKey | null {
  const find = db.prepare("SELECT subject, fingerprint FROM idempotency WHERE key = ? AND expires_at > ?");
  return (key, now) => (find.get(key, now) as unknown as FoundKey | undefined) ?? null;
}

export function prepareForgetKeys(db: DatabaseSync): (now: number, limit: number) => number {
  const forget = db.prepare(
    `DELETE FROM idempotency WHERE key IN
       (SELECT key FROM idempotency INDEXED BY idempotency_expiry WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
  );
  return (now, limit) => Number(forget.run(now, limit).changes);
}
