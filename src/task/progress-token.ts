import { hash, timingSafeEqual } from "node:crypto";

/** What a target shows with a report: it was given this attempt of this task, and nobody else was. */
export interface ProgressTokens {
  issue(taskId: string, attempt: number): string;
  /** The attempt that a token was issued for; null when it was not issued for this task. */
  attemptOf(token: string, taskId: string): number | null;
}

/**
 * SHA-512/256 over key and attempt, which is a MAC as it cannot be extended: nothing is stored for a token, and it holds over
 * restarts as long as its key does. One call without a native object: one is issued for every attempt.
 */
export function createProgressTokens(keyBytes: Uint8Array): ProgressTokens {
  const key = Buffer.from(keyBytes).toString("base64url");

  function proofOf(taskId: string, attempt: number): string {
    return hash("sha512-256", `${key} ${taskId} ${attempt}`, "base64url");
  }

  return {
    issue: (taskId, attempt) => `${attempt}.${proofOf(taskId, attempt)}`,
    attemptOf(token, taskId) {
      const [, digits, shown = ""] = /^([1-9]\d{0,8})\.([\w-]{43})$/.exec(token) ?? [];
      if (digits === undefined) return null;
      const attempt = Number(digits);
      const isOurs = timingSafeEqual(Buffer.from(shown), Buffer.from(proofOf(taskId, attempt)));
      return isOurs ? attempt : null;
    },
  };
}
