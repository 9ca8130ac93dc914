import { type MessagePort, parentPort } from "node:worker_threads";
import { HeadgateError } from "../lib/error.ts";
import type { Answer } from "./batch-reader.ts";
import { readBatch, type Written } from "./read-batch.ts";

/**
 * The thread that reads large batches. What it has read is handed over in pieces, each when the one before has been taken:
 * a message is unpacked in one go by the thread that gets it.
 */
function main(port: MessagePort): void {
  let left: Written[][] = [];

  function read(bytes: Uint8Array): Answer {
    try {
      left = inPieces(readBatch(Buffer.from(bytes.buffer).toString()));
    } catch (error) {
      if (!(error instanceof HeadgateError)) throw error;
      const { code, message, field, index } = error;
      return { kind: "refused", error: { code, message, field, index } };
    }
    return nextPiece();
  }

  function nextPiece(): Answer {
    const requests = left.shift() ?? [];
    return { kind: "piece", requests, isLast: left.length === 0 };
  }

  port.on("message", (message: Uint8Array | "next") => {
    const answer = message === "next" ? nextPiece() : read(message);
    const owned = answer.kind === "piece" ? answer.requests.map(({ bytes }) => bytes.buffer) : [];
    port.postMessage(answer, owned as ArrayBuffer[]);
  });
}

/** About what is unpacked within a millisecond: so many characters, and a field is as much work as a few dozen of them. */
const PIECE_WEIGHT = 128 * 1024;
const FIELD_WEIGHT = 50;
const REQUEST_WEIGHT = 200;

function inPieces(requests: readonly Written[]): Written[][] {
  const pieces: Written[][] = [];
  let weight = Infinity;
  for (const request of requests) {
    if (weight > PIECE_WEIGHT) {
      pieces.push([]);
      weight = 0;
    }
    pieces.at(-1)?.push({ ...request, bytes: owning(request.bytes) });
    weight += request.headers.reduce((sum, { length }) => sum + length + FIELD_WEIGHT, REQUEST_WEIGHT);
    weight += request.path.length;
  }
  return pieces;
}

/** Bytes in a memory of their own, which can be given away: small ones lie in a pool. */
function owning(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

if (parentPort !== null) main(parentPort);
