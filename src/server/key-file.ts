import { hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HeadgateError } from "../lib/error.ts";

/** Makes a key of 32 bytes for one purpose out of the one that is kept: what one purpose gives away says nothing of another. */
export type DeriveKey = (label: string) => Buffer;

export interface KeyFileSettings {
  /** The data folder; null when everything is in memory, and then the key is, too. */
  readonly folder: string | null;
  /** Where the key is kept; null for `headgate.key` in the data folder. */
  readonly path: string | null;
}

/**
 * The key that all others come from: 32 random bytes in a file of their own, as base64, made when there is none. Rejects
 * with `storage_failed` where the data folder was used with another key: what that sealed could not be opened any more.
 */
export async function openKeyFile({ folder, path }: KeyFileSettings): Promise<DeriveKey> {
  if (folder === null) return derivation(path === null ? newKey() : await keptAt(path));
  const place = path ?? join(folder, "headgate.key");
  const expected = await readText(join(folder, MARK));
  const derive = derivation(expected === null ? await keptAt(place) : await known(place, folder));
  const mark = derive("key mark").toString("hex");
  if (expected === null) await keepMark(folder, mark);
  else if (expected !== mark) {
    throw new HeadgateError(
      "storage_failed",
      `${place} is not the key that the secrets in ${folder} were sealed with.`,
    );
  }
  return derive;
}

/** Tells which key a data folder belongs to, and nothing else about it. */
const MARK = "key-mark";

const KEY_BYTES = 32;

/** RFC 5869. The key is random already, so that it needs no salt. */
function derivation(key: Buffer): DeriveKey {
  return (label) => Buffer.from(hkdfSync("sha256", key, "", `headgate ${label}`, KEY_BYTES));
}

function newKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

async function keptAt(path: string): Promise<Buffer> {
  return (await readKey(path)) ?? makeKey(path);
}

async function known(path: string, folder: string): Promise<Buffer> {
  const key = await readKey(path);
  if (key !== null) return key;
  throw new HeadgateError(
    "storage_failed",
    `${path} is missing: the key that the secrets in ${folder} were sealed with. Put it back from a backup, or say with --key-file where it is.`,
  );
}

async function readKey(path: string): Promise<Buffer | null> {
  const text = await readText(path);
  if (text === null) return null;
  const key = Buffer.from(text, "base64");
  if (key.length === KEY_BYTES) return key;
  throw new HeadgateError("storage_failed", `${path} holds no key: 32 bytes as base64 are expected.`);
}

/** Null when there is no such file. */
async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new HeadgateError("storage_failed", `${path} cannot be read.`, { cause: error });
  }
}

/**
 * Whole, on disk and never in place of another: nodes that share a key may start at once, and a power cut may come at any
 * instant. A link fails where there is a file already, a rename would not.
 */
async function makeKey(path: string): Promise<Buffer> {
  const key = newKey();
  const isMade = await writeWhole(path, key.toString("base64"));
  return isMade ? key : ((await readKey(path)) ?? makeKey(path));
}

async function keepMark(folder: string, mark: string): Promise<void> {
  await writeWhole(join(folder, MARK), mark);
}

/** False when there is a file of that name. */
async function writeWhole(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    await using file = await open(aside, "wx", 0o600);
    await file.writeFile(`${text}\n`);
    await file.sync();
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new HeadgateError("storage_failed", `${path} cannot be written.`, { cause: error });
  } finally {
    await rm(aside, { force: true });
  }
  await using entries = await open(folder, "r");
  await entries.sync();
  return true;
}
