const LONGEST_KEY = 255;
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/;
/** A comma would be where a proxy joined two fields. */
const BARE = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

export const IDEMPOTENCY_KEY: string = `one key of 1 to ${LONGEST_KEY} visible ASCII characters, in quotation marks or without`;

/**
 * The key of an `Idempotency-Key` field: a string as of RFC 9651 3.3.3, which is what the draft
 * (draft-ietf-httpapi-idempotency-key-header) asks for, or bare, as most clients send it. Null for what is neither.
 */
export function parseIdempotencyKey(text: string): string | null {
  const key = QUOTED.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, "$1") ?? BARE.exec(text)?.[0];
  return key !== undefined && key.length <= LONGEST_KEY ? key : null;
}
