// Data folders that go when the tests are over.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { HeadgateError } from "../../src/lib/error.ts";
import { openStore } from "../../src/store/open.ts";
import type { OpenStore } from "../../src/store/store.ts";
import type { Opened } from "./rig.ts";

const base = mkdtempSync(join(tmpdir(), "headgate-test-"));
after(() => rmSync(base, { recursive: true, force: true }));

export function newFolder(): string {
  return mkdtempSync(join(base, "data-"));
}

export async function openOnDisk(): Promise<Opened> {
  const folder = newFolder();
  return { store: await openFolder(folder), reopen: () => openFolder(folder) };
}

export async function openInMemory(): Promise<Opened> {
  return { store: await openStore({ kind: "memory", folder: "", onFatal: unexpected }) };
}

export function openFolder(
  folder: string,
  onFatal: (error: HeadgateError) => void = unexpected,
): Promise<OpenStore> {
  return openStore({ kind: "sqlite", folder, onFatal });
}

/** Why a folder is not opened. */
export async function refusal(folder: string): Promise<HeadgateError> {
  const fatal: HeadgateError[] = [];
  try {
    const store = await openFolder(folder, (error) => fatal.push(error));
    await store.close();
  } catch (error) {
    assert.deepEqual(fatal, [], "whoever opens is told, nobody else");
    return error as HeadgateError;
  }
  return assert.fail("opened");
}

function unexpected(error: HeadgateError): void {
  throw error;
}
