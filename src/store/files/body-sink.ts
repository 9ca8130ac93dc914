import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { HeadgateError } from "../../lib/error.ts";
import type { Body } from "../../task/task.ts";
import { EMPTY_BODY } from "../../task/task.ts";
import type { BodySink } from "../store.ts";
import { INLINE_BODY_BYTES } from "../store.ts";

/** Ending of a file that is still being written; one found at start was never finished. */
export const UNFINISHED = ".part";

/** Bytes that may wait for the disk before the sender is asked to pause. */
const UNWRITTEN_LIMIT_BYTES = 1024 * 1024;

export interface SinkSettings {
  readonly folder: string;
  readonly folderHandle: FileHandle;
  readonly maxBytes: number;
  /** What a failure of the disk means to the one who sends the body. */
  readonly explain: (thrown: unknown) => HeadgateError;
}

/**
 * Takes one body in pieces: in memory while it is small, in a file from then on.
 *
 *   gathering ──too large for memory──▶ writing ──finish──▶ kept under its name
 *       └────────────finish───────────▶ inline      └─abort──▶ no file
 */
export class FileBodySink implements BodySink {
  readonly #settings: SinkSettings;
  #pieces: Uint8Array[] = [];
  #sizeBytes = 0;
  #part: { readonly path: string; readonly file: Promise<FileHandle> } | null = null;
  #unwrittenBytes = 0;
  #isWriting = false;
  /** Settles when all that was handed over is written. */
  #written: Promise<void> = Promise.resolve();

  constructor(settings: SinkSettings) {
    this.#settings = settings;
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    const { maxBytes } = this.#settings;
    this.#sizeBytes += chunk.byteLength;
    if (this.#sizeBytes > maxBytes) {
      throw new HeadgateError("body_too_large", `The body is larger than ${maxBytes} bytes.`);
    }
    if (this.#part !== null) return this.#append(chunk, this.#part.file);
    this.#pieces.push(chunk);
    return this.#sizeBytes > INLINE_BODY_BYTES ? this.#moveToFile() : undefined;
  }

  async finish(): Promise<Body> {
    if (this.#part === null)
      return this.#sizeBytes === 0 ? EMPTY_BODY : { kind: "inline", bytes: this.#join() };
    const { folder, folderHandle, explain } = this.#settings;
    const name = randomUUID();
    try {
      await this.#written;
      const file = await this.#part.file;
      await file.sync();
      await file.close();
      await rename(this.#part.path, join(folder, name));
      await folderHandle.sync();
    } catch (thrown) {
      const error = explain(thrown);
      await this.abort();
      await rm(join(folder, name), { force: true }).catch(() => {});
      throw error;
    }
    return { kind: "file", name, sizeBytes: this.#sizeBytes };
  }

  async abort(): Promise<void> {
    this.#pieces = [];
    if (this.#part === null) return;
    const file = await this.#part.file.catch(() => null);
    await this.#written.catch(() => {});
    await file?.close().catch(() => {});
    await rm(this.#part.path, { force: true }).catch((thrown: unknown) => {
      throw this.#settings.explain(thrown);
    });
  }

  /** The pieces as one, which is exactly as large as they are: a view of the socket's buffer would keep 64 KB alive. */
  #join(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    const [first] = pieces;
    if (this.#part !== null && pieces.length === 1 && first !== undefined) return first;
    const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let offset = 0;
    for (const piece of pieces) {
      bytes.set(piece, offset);
      offset += piece.byteLength;
    }
    return bytes;
  }

  #moveToFile(): Promise<void> | undefined {
    const path = join(this.#settings.folder, `${randomUUID()}${UNFINISHED}`);
    this.#part = { path, file: open(path, "wx", 0o600) };
    this.#part.file.catch(() => {});
    this.#unwrittenBytes = this.#sizeBytes;
    return this.#write(this.#part.file);
  }

  #append(chunk: Uint8Array, file: Promise<FileHandle>): Promise<void> | undefined {
    this.#pieces.push(chunk);
    this.#unwrittenBytes += chunk.byteLength;
    return this.#write(file);
  }

  #write(file: Promise<FileHandle>): Promise<void> | undefined {
    if (!this.#isWriting) {
      this.#isWriting = true;
      this.#written = this.#writePieces(file);
      // Whoever waits for it or finishes hears of a failure.
      this.#written.catch(() => {});
    }
    return this.#unwrittenBytes > UNWRITTEN_LIMIT_BYTES ? this.#written : undefined;
  }

  /** What comes while a write is under way makes up the next one, so that a body of tiny pieces costs no write for each. */
  async #writePieces(opening: Promise<FileHandle>): Promise<void> {
    try {
      const file = await opening;
      while (this.#pieces.length > 0) {
        const bytes = this.#join();
        await file.writeFile(bytes);
        this.#unwrittenBytes -= bytes.byteLength;
      }
      this.#isWriting = false;
    } catch (thrown) {
      // Nothing is written after a failure: this stays the latest write, and a rejected one.
      throw this.#settings.explain(thrown);
    }
  }
}
