import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";

/**
 * Sends a stored body as fast as the client reads it. `writeHead` is called with the first piece: a body that cannot be
 * read rejects before, when the client can still be told. After that only the broken connection tells, and `onBroken`.
 */
export async function sendBody(
  body: Readable,
  client: ServerResponse,
  writeHead: () => void,
  onBroken: (error: unknown) => void,
): Promise<void> {
  let isBegun = false;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      if (!isBegun) writeHead();
      isBegun = true;
      if (!client.write(piece)) await drained(client);
      if (client.destroyed) return;
    }
    client.end();
  } catch (error) {
    if (!isBegun) throw error;
    client.destroy();
    onBroken(error);
  }
}

/** Whether a body could not be read because its file was deleted just now. */
export function isDeleted(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function drained(client: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (client.destroyed) return resolve();
    client.once("drain", finish).once("close", finish);
    function finish(): void {
      client.off("drain", finish).off("close", finish);
      resolve();
    }
  });
}
