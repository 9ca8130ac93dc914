import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from "node:crypto";
import { HeadgateError } from "../lib/error.ts";
import type { RawHeaders } from "../task/task.ts";
import { isSealed, type Vault } from "../task/vault.ts";
import type { SecretFields } from "./secret-fields.ts";

/**
 * AES-256-GCM (NIST SP 800-38D). A sealed value is NUL, the number of this form, and base64url of salt, nonce, ciphertext
 * and tag. It is bound to the name of its field: nobody who can write to the database moves a password into a field that
 * is shown.
 *
 * Random nonces are safe for 2^32 values under one key (8.3), which a busy node seals within days. So each process has a
 * key of its own, made of the kept one and a random salt, and begins another long before that.
 */
export function createVault(key: Buffer, secrets: SecretFields): Vault {
  const keyFor = createSubkeys(key);
  const newNonce = createNonces();
  let salt = randomBytes(SALT_BYTES);
  let used = 0;

  function sealValue(name: string, value: string): string {
    if (used === MOST_UNDER_ONE_KEY) {
      salt = randomBytes(SALT_BYTES);
      used = 0;
    }
    used += 1;
    const nonce = newNonce();
    const cipher = createCipheriv(ALGORITHM, keyFor(salt), nonce).setAAD(nameBytes(name));
    const sealed = [salt, nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()];
    return FORM + Buffer.concat(sealed).toString("base64url");
  }

  function openValue(name: string, sealed: string): string {
    try {
      if (!sealed.startsWith(FORM)) throw new Error("an unknown form");
      const bytes = Buffer.from(sealed.slice(FORM.length), "base64url");
      const from = SALT_BYTES + NONCE_BYTES;
      const nonce = bytes.subarray(SALT_BYTES, from);
      const decipher = createDecipheriv(ALGORITHM, keyFor(bytes.subarray(0, SALT_BYTES)), nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(nameBytes(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = [decipher.update(bytes.subarray(from, -TAG_BYTES)), decipher.final()];
      return Buffer.concat(opened).toString("utf8");
    } catch (cause) {
      const message = `The stored value of ${name} was sealed with another key, or is damaged.`;
      throw new HeadgateError("storage_failed", message, { cause });
    }
  }

  return {
    seal: (headers) => replaced(headers, (name, value) => secrets.has(name) && !isSealed(value), sealValue),
    open: (headers) => replaced(headers, (_name, value) => isSealed(value), openValue),
  };
}

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = "\x001";

const MOST_UNDER_ONE_KEY = 2 ** 28;

/** Keys of earlier processes that are kept at hand; one is made within microseconds. */
const MOST_SUBKEYS = 100;

function createSubkeys(key: Buffer): (salt: Buffer) => KeyObject {
  const known = new Map<string, KeyObject>();
  return (salt) => {
    const name = salt.toString("latin1");
    const found = known.get(name);
    if (found !== undefined) return found;
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= MOST_SUBKEYS) known.delete(oldest);
    const made = createSecretKey(Buffer.from(hkdfSync("sha256", key, salt, "sealed values", KEY_BYTES)));
    known.set(name, made);
    return made;
  };
}

/** Many at once: to ask the system for each takes as long as to seal with it. */
const NONCES_AT_ONCE = 512;

function createNonces(): () => Buffer {
  const random = Buffer.alloc(NONCE_BYTES * NONCES_AT_ONCE);
  let used = random.length;
  return () => {
    if (used === random.length) {
      randomFillSync(random);
      used = 0;
    }
    used += NONCE_BYTES;
    return random.subarray(used - NONCE_BYTES, used);
  };
}

/** A copy with other values for some fields; the same list when there are none of these. */
function replaced(
  headers: RawHeaders,
  isMeant: (name: string, value: string) => boolean,
  replace: (name: string, value: string) => string,
): RawHeaders {
  let copy: string[] | null = null;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    if (!isMeant(name, value)) continue;
    copy ??= headers.slice();
    copy[i + 1] = replace(name, value);
  }
  return copy ?? headers;
}

function nameBytes(name: string): Buffer {
  return Buffer.from(name.toLowerCase());
}
