import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HeadgateError } from "../lib/error.ts";
import type { BodyFiles } from "./files/body-files.ts";
import { openBodyFiles } from "./files/body-files.ts";
import { createSqliteStore } from "./sqlite/client.ts";
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
  switch (settings.kind) {
    case "sqlite":
      return openOnDisk(settings);
    case "memory":
      return openInMemory(settings);
    default:
      return settings.kind satisfies never;
  }
}

async function openOnDisk({ folder, onFatal }: StoreSettings): Promise<OpenStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "headgate.db");
  const writer = await startThread<WriterVerbs>({ role: "writer", path }, onFatal);
  const reader = await startThread<ReaderVerbs>({ role: "reader", path }, onFatal);
  const bodies = await openBodyFiles(join(folder, "bodies"), onFatal);
  const sweeping = bodies.sweep((names) => reader.call("ownedFiles", names));
  return {
    ...createSqliteStore(writer, reader, bodies.remove),
    bodies,
    async close() {
      await sweeping.catch(() => {});
      await reader.close();
      await writer.close();
      await bodies.close();
    },
  };
}

/** The same driver on `:memory:`: nothing outlives the process. Large bodies still go to files, in a temporary folder. */
async function openInMemory({ onFatal }: StoreSettings): Promise<OpenStore> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-"));
  const thread = await startThread<WriterVerbs & ReaderVerbs>({ role: "writer", path: ":memory:" }, onFatal);
  const bodies: BodyFiles = await openBodyFiles(folder, onFatal);
  return {
    ...createSqliteStore(thread, thread, bodies.remove),
    bodies,
    async close() {
      await thread.close();
      await bodies.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
