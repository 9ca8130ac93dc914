// Data folders that go when the tests are over.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
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
  const open = (): Promise<OpenStore> => openStore({ kind: "sqlite", folder, onFatal: unexpected });
  return { store: await open(), reopen: open };
}

export async function openInMemory(): Promise<Opened> {
  return { store: await openStore({ kind: "memory", folder: "", onFatal: unexpected }) };
}

/** Closed with the test at the latest: a thread that is left would keep the whole run from ending. */
export async function openFolder(
  t: TestContext,
  folder: string,
  onFatal: (error: HeadgateError) => void = unexpected,
): Promise<OpenStore> {
  const store = await openStore({ kind: "sqlite", folder, onFatal });
  t.after(() => store.close());
  return store;
}

/** Why a folder is not opened. */
export async function refusal(t: TestContext, folder: string): Promise<HeadgateError> {
  const fatal: HeadgateError[] = [];
  try {
    const store = await openFolder(t, folder, (error) => fatal.push(error));
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
