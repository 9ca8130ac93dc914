import { HeadgateError, toError } from "../../lib/error.ts";
import { freeBytes } from "./reserve.ts";

/** SQLite's primary result codes that say something about the disk or about other programs (https://sqlite.org/rescode.html). */
const RESULT = Object.freeze({
  busy: 5,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
});

/** Extended codes of a failed fsync, of a file or of its folder: what is on disk is unknown, however full it is. */
const FAILED_FSYNC: ReadonlySet<number> = new Set([RESULT.ioError | (4 << 8), RESULT.ioError | (5 << 8)]);

/**
 * What a failed statement means for the process:
 *  - `storage_full`    no room; nothing was written, and it may work again later
 *  - `storage_failed`  the disk or the file is broken; what is on disk is unknown, so nothing more may be promised
 *  - `internal`        a defect of ours (a violated constraint)
 */
export function toStorageError(thrown: unknown, folder: string | null): HeadgateError {
  const error = toError(thrown);
  if (error instanceof HeadgateError) return error;
  const extended = resultOf(error);
  switch (extended & 0xff) {
    case RESULT.full:
      return new HeadgateError("storage_full", "The disk is full.", { cause: error });
    case RESULT.ioError:
      // A file that cannot be grown is reported as an I/O error by some calls of SQLite's.
      return folder !== null && !FAILED_FSYNC.has(extended) && freeBytes(folder) < NO_ROOM_BYTES
        ? new HeadgateError("storage_full", "The disk is full.", { cause: error })
        : new HeadgateError("storage_failed", `The disk failed: ${error.message}.`, { cause: error });
    case RESULT.busy:
      return new HeadgateError("storage_busy", "Another program holds the database.", {
        cause: error,
        retryAfterSeconds: 1,
      });
    case RESULT.readonly:
    case RESULT.corrupt:
    case RESULT.cannotOpen:
    case RESULT.notADatabase:
      return new HeadgateError("storage_failed", `The database cannot be used: ${error.message}.`, {
        cause: error,
      });
    default:
      return new HeadgateError("internal", error.message, { cause: error });
  }
}

/** Another program holds the database. */
export function isBusy(thrown: unknown): boolean {
  return (resultOf(toError(thrown)) & 0xff) === RESULT.busy;
}

function resultOf(error: Error): number {
  return "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;
}

const NO_ROOM_BYTES = 64 * 1024;
