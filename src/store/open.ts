import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HeadgateError } from "../lib/error.ts";
import { openBodyFiles } from "./files/body-files.ts";
import { createSqliteStore } from "./sqlite/client.ts";
import { createCommitQueue } from "./sqlite/commit-queue.ts";
import { createSideStores } from "./sqlite/side-stores.ts";
import { startThread } from "./sqlite/thread-client.ts";
import type { ReaderVerbs, WriterVerbs } from "./sqlite/verbs.ts";
import type { OpenStore } from "./store.ts";

export interface StoreSettings {
  readonly kind: "sqlite" | "memory";
  /** Made when missing; not touched by a store in memory. */
  readonly folder: string;
  /** The disk failed: what is on it is unknown, so the process must end. */
  readonly onFatal: (error: HeadgateError) => void;
}

/** Opens the store that the configuration names, ready for every verb. */
export function openStore(settings: StoreSettings): Promise<OpenStore> {
  // The threads and the files may all notice that the disk is broken.
  const once = { ...settings, onFatal: onlyOnce(settings.onFatal) };
  switch (settings.kind) {
    case "sqlite":
      return openOnDisk(once);
    case "memory":
      return openInMemory(once);
    default:
      return settings.kind satisfies never;
  }
}

async function openOnDisk({ folder, onFatal }: StoreSettings): Promise<OpenStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "headgate.db");
  await using opening = new AsyncDisposableStack();
  const writer = await startThread<WriterVerbs>({ role: "writer", path }, onFatal);
  opening.defer(() => writer.close());
  const reader = await startThread<ReaderVerbs>({ role: "reader", path }, onFatal);
  opening.defer(() => reader.close());
  const bodies = await openBodyFiles(join(folder, "bodies"), onFatal);
  opening.defer(() => bodies.close());
  // What it cannot remove is removed at the next start.
  const sweeping = bodies.sweep((names) => reader.call("ownedFiles", names)).catch(() => {});
  opening.defer(() => sweeping);
  const commits = createCommitQueue();
  const open = opening.move();
  return {
    ...createSqliteStore(writer, reader, (names) => bodies.remove(names), commits),
    ...createSideStores(writer, reader, commits),
    bodies,
    reusableBytes: () => reader.call("reusableBytes"),
    close: () => open.disposeAsync(),
  };
}

/** The same driver on `:memory:`: nothing outlives the process. Large bodies still go to files, in a temporary folder. */
async function openInMemory({ onFatal }: StoreSettings): Promise<OpenStore> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "headgate-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const thread = await startThread<WriterVerbs & ReaderVerbs>({ role: "writer", path: ":memory:" }, onFatal);
  opening.defer(() => thread.close());
  const bodies = await openBodyFiles(folder, onFatal);
  opening.defer(() => bodies.close());
  const commits = createCommitQueue();
  const open = opening.move();
  return {
    ...createSqliteStore(thread, thread, (names) => bodies.remove(names), commits),
    ...createSideStores(thread, thread, commits),
    bodies,
    reusableBytes: () => thread.call("reusableBytes"),
    close: () => open.disposeAsync(),
  };
}

function onlyOnce(report: StoreSettings["onFatal"]): StoreSettings["onFatal"] {
  let isReported = false;
  return (error) => {
    if (isReported) return;
    isReported = true;
    report(error);
  };
}
