import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { HeadgateError, toError } from "../../lib/error.ts";
import type { BodyStore } from "../store.ts";
import { FileBodySink, UNFINISHED } from "./body-sink.ts";

/**
 * Large bodies as files of one folder. A file appears under its name only when it is whole and on disk: written aside,
 * synced, renamed, folder synced. The row that names it is committed after that, and deleted before it.
 */
export interface BodyFiles extends BodyStore {
  remove(names: readonly string[]): Promise<void>;
  /** Removes what earlier processes began or left behind; `owned` says which of some names belong to a task. */
  sweep(owned: (names: readonly string[]) => Promise<readonly string[]>): Promise<void>;
  close(): Promise<void>;
}

/** Error codes of a disk or a process without room; everything else from the disk is a failure of the disk. */
const NO_ROOM: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EFBIG", "EMLINK"]);

const SWEEP_BATCH = 500;

export async function openBodyFiles(
  folder: string,
  onFatal: (error: HeadgateError) => void,
): Promise<BodyFiles> {
  await mkdir(folder, { recursive: true });
  // A folder's own name is durable when the folder around it is synced.
  await using parent = await open(dirname(folder), "r");
  await parent.sync();
  const folderHandle = await open(folder, "r");
  const leftFromBefore = await readdir(folder);

  function explain(thrown: unknown): HeadgateError {
    const cause = toError(thrown);
    if (cause instanceof HeadgateError) return cause;
    const code = codeOf(cause);
    if (NO_ROOM.has(code))
      return new HeadgateError("storage_full", `There is no room for the body (${code}).`, { cause });
    const error = new HeadgateError("storage_failed", `The disk failed: ${cause.message}.`, { cause });
    onFatal(error);
    return error;
  }

  async function remove(names: readonly string[]): Promise<void> {
    try {
      for (const name of names) await rm(join(folder, name), { force: true });
    } catch (thrown) {
      throw explain(thrown);
    }
  }

  return {
    receive: (maxBytes) => new FileBodySink({ folder, folderHandle, maxBytes, explain }),
    read(body, range) {
      switch (body.kind) {
        case "empty":
          return Readable.from([]);
        case "inline":
          return Readable.from([
            Buffer.from(range ? body.bytes.subarray(range.start, range.end + 1) : body.bytes),
          ]);
        case "file":
          return createReadStream(join(folder, body.name), range && { ...range });
        default:
          return body satisfies never;
      }
    },
    async copy(body) {
      if (body.kind !== "file") return body;
      const name = randomUUID();
      try {
        await link(join(folder, body.name), join(folder, name));
        await folderHandle.sync();
      } catch (thrown) {
        // Whoever deletes the other task does not wait for this one.
        if (codeOf(toError(thrown)) === "ENOENT")
          throw new HeadgateError("gone", "The body has been deleted.", { cause: thrown });
        throw explain(thrown);
      }
      return { ...body, name };
    },
    discard: (body) => remove(body.kind === "file" ? [body.name] : []),
    remove,
    async sweep(owned) {
      await remove(leftFromBefore.filter((name) => name.endsWith(UNFINISHED)));
      const finished = leftFromBefore.filter((name) => !name.endsWith(UNFINISHED));
      for (let start = 0; start < finished.length; start += SWEEP_BATCH) {
        const names = finished.slice(start, start + SWEEP_BATCH);
        const kept = new Set(await owned(names));
        await remove(names.filter((name) => !kept.has(name)));
      }
    },
    close: () => folderHandle.close(),
  };
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
