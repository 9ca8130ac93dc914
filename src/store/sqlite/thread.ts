import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { prepareCheckpoint } from "./checkpoint.ts";
import { lockFolder, openReader, openWriter } from "./database.ts";
import { toStorageError } from "./failure.ts";
import type { Call, GroupSettings } from "./group.ts";
import { createGroup } from "./group.ts";
import { openLine } from "./line.ts";
import { openReserve } from "./reserve.ts";
import { openTallies } from "./tallies.ts";
import type { ThreadMessage, ThreadSettings } from "./thread-client.ts";
import type { ReaderVerbs } from "./verbs.ts";
import { prepareReaderVerbs, prepareWriterVerbs } from "./verbs.ts";

/**
 * The thread that owns a connection. `node:sqlite` is synchronous: measured on the main thread, an fsync of 300 ms made
 * every HTTP request wait 2.5 s. Here it makes the next transaction larger.
 */

const { role, path } = workerData as ThreadSettings;
const isInMemory = path === ":memory:";
const folder = isInMemory ? null : dirname(path);

function main(port: MessagePort): void {
  using opening = new DisposableStack();
  if (role === "writer" && folder !== null) opening.use(lockFolder(folder));
  const db = opening.use(role === "writer" ? openWriter(path) : openReader(path));
  const room = role === "writer" && folder !== null ? prepareRoom(db, folder) : NO_DISK;
  const group = createGroup({
    db,
    folder,
    ...room,
    ...(role === "writer" ? prepareWriting(db) : prepareReading(db)),
  });
  const say = (message: ThreadMessage): void => port.postMessage(message);
  // The lock is held, and the database open, until the thread is told to close.
  const open = opening.move();

  port.on("message", (message: readonly Call[] | "close") => {
    if (message === "close") {
      open.dispose();
      port.close();
    } else {
      say({ kind: "replies", replies: group(message) });
      room.checkpoint();
    }
  });
  say({ kind: "ready" });
}

interface Room extends Pick<GroupSettings, "makeRoom" | "isShort"> {
  readonly checkpoint: () => void;
}

const NO_DISK: Room = { checkpoint: () => {}, makeRoom: () => {}, isShort: () => false };

function prepareRoom(db: DatabaseSync, folder: string): Room {
  const checkpoint = prepareCheckpoint(db, folder);
  const reserve = openReserve(folder);
  return {
    checkpoint: () => checkpoint(),
    makeRoom() {
      reserve.spend();
      checkpoint("room");
    },
    isShort: () => reserve.isSpent(),
  };
}

type Work = Pick<GroupSettings, "begin" | "verbs" | "flush" | "reload">;

function prepareWriting(db: DatabaseSync): Work {
  const tallies = openTallies(db);
  const line = openLine(db);
  const flush = (): void => {
    tallies.flush();
    line.flush();
  };
  const reload = (): void => {
    tallies.reload();
    line.reload();
  };
  // A database in memory has one connection only, so its reads run here too.
  const reads = isInMemory ? afterFlush(flush, prepareReaderVerbs(db)) : {};
  const verbs = { ...prepareWriterVerbs(db, tallies, line), ...reads };
  return { begin: "BEGIN IMMEDIATE", verbs, flush, reload };
}

function prepareReading(db: DatabaseSync): Work {
  return { begin: "BEGIN", verbs: { ...prepareReaderVerbs(db) }, flush: () => {}, reload: () => {} };
}

/** A look-up between the writes of one transaction finds the counts in step with the rows. */
function afterFlush(flush: () => void, verbs: ReaderVerbs): GroupSettings["verbs"] {
  return Object.fromEntries(
    Object.entries(verbs).map(([name, verb]: [string, (...parameters: never[]) => unknown]) => [
      name,
      (...parameters: never[]) => {
        flush();
        return verb(...parameters);
      },
    ]),
  );
}

if (parentPort !== null) {
  try {
    main(parentPort);
  } catch (thrown) {
    const { code, message } = toStorageError(thrown, folder);
    parentPort.postMessage({ kind: "refused", error: { code, message } } satisfies ThreadMessage);
    parentPort.close();
  }
}
