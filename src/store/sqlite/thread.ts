import { dirname } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { lockFolder, openReader, openWriter } from "./database.ts";
import { toStorageError } from "./failure.ts";
import type { Call, GroupSettings } from "./group.ts";
import { createGroup } from "./group.ts";
import { openTallies } from "./tallies.ts";
import type { ThreadMessage, ThreadSettings } from "./thread-client.ts";
import { prepareReaderVerbs, prepareWriterVerbs } from "./verbs.ts";

/**
 * The thread that owns a connection. `node:sqlite` is synchronous: measured on the main thread, an fsync of 300 ms made
 * every HTTP request wait 2.5 s. Here it makes the next transaction larger.
 */

const { role, path } = workerData as ThreadSettings;
const isInMemory = path === ":memory:";
const folder = isInMemory ? null : dirname(path);

function main(port: MessagePort): void {
  // Held for as long as the thread lives.
  const lock = role === "writer" && folder !== null ? lockFolder(folder) : null;
  const settings = role === "writer" ? openForWriting() : openForReading();
  const group = createGroup(settings);
  const say = (message: ThreadMessage): void => port.postMessage(message);

  port.on("message", (first: readonly Call[] | "close") => {
    let isClosing = false;
    const calls: Call[] = [];
    for (let message: typeof first | undefined = first; message !== undefined; message = next(port)) {
      if (message === "close") isClosing = true;
      else calls.push(...message);
    }
    if (calls.length > 0) say({ kind: "replies", replies: group(calls) });
    if (isClosing) {
      settings.db.close();
      lock?.close();
      port.close();
    }
  });
  say({ kind: "ready" });
}

function next(port: MessagePort): readonly Call[] | "close" | undefined {
  return (receiveMessageOnPort(port) as { message: readonly Call[] | "close" } | undefined)?.message;
}

function openForWriting(): GroupSettings {
  const db = openWriter(path);
  const tallies = openTallies(db);
  // A database in memory has one connection only, so its reads run here too.
  const verbs = { ...prepareWriterVerbs(db, tallies), ...(isInMemory ? prepareReaderVerbs(db) : {}) };
  return { db, begin: "BEGIN IMMEDIATE", verbs, flush: tallies.flush, reload: tallies.reload, folder };
}

function openForReading(): GroupSettings {
  const db = openReader(path);
  return { db, begin: "BEGIN", verbs: { ...prepareReaderVerbs(db) }, flush: () => {}, reload: () => {}, folder };
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
