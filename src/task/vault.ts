import type { RawHeaders } from "./task.ts";

/**
 * Keeps the values of header fields that are secrets out of everything that is stored: what was sealed is opened only to be
 * sent on or replayed. A sealed value begins with NUL, which no value that came over HTTP can.
 */
export interface Vault {
  /** The same list where no field of it is a secret. What is sealed already stays as it is. */
  seal(headers: RawHeaders): RawHeaders;
  /** Throws `storage_failed` for what was sealed by another key. */
  open(headers: RawHeaders): RawHeaders;
}

export function isSealed(value: string): boolean {
  return value.charCodeAt(0) === 0;
}

/** What everybody but target and client is shown of a secret. */
export const REDACTED = "[redacted]";
