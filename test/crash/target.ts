// The target of the crash check: does what each request's own script says and logs every request it sees.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Arrival, Digest } from "./evidence.ts";

/** What a request asks of this target: one act for each time it arrives, the last one from then on. */
export interface Script {
  /** Time it takes, each time. */
  readonly latencyMs: number;
  readonly acts: readonly Act[];
}

/** An answer with a body of this size; `reset` instead of it, or `cut` in the middle of it. */
export type Act = { readonly status: number; readonly sizeBytes: number } | "reset" | "cut";

/** Header fields by which a request tells who it is and what it wants. */
export const TOKEN_HEADER = "Load-Token";
export const SCRIPT_HEADER = "Load-Script";

export interface LoadTarget {
  readonly url: URL;
  readonly arrivals: readonly Arrival[];
  close(): Promise<void>;
}

export interface TargetWatch {
  onArrival(arrival: Arrival): void;
  /** Just before the answer's last byte is handed over. */
  onAnswering(arrival: Arrival): void;
}

type OpenArrival = { -readonly [Key in keyof Arrival]: Arrival[Key] };

export async function startLoadTarget(watch: TargetWatch): Promise<LoadTarget> {
  const arrivals: OpenArrival[] = [];
  const times = new Map<string, number>();
  const underWay = new WeakMap<Socket, OpenArrival>();

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const arrival = toArrival(request);
    arrivals.push(arrival);
    underWay.set(request.socket, arrival);
    watch.onArrival(arrival);
    const time = times.get(arrival.token) ?? 0;
    times.set(arrival.token, time + 1);
    // Whoever left while it was being worked on is noted as such, and that is all.
    serve(request, response, arrival, time, watch).catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => {
    // The first sign of the end: that of `close` may come after what the client already sends elsewhere.
    for (const event of ["end", "error", "close"]) {
      socket.on(event, () => {
        const arrival = underWay.get(socket);
        if (arrival !== undefined) arrival.endedAt = Math.min(arrival.endedAt, performance.now());
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    arrivals,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function toArrival(request: IncomingMessage): OpenArrival {
  const { headers, method = "", url = "" } = request;
  return {
    token: tokenOf(url),
    headerToken: String(headers[TOKEN_HEADER.toLowerCase()]),
    method,
    taskId: String(headers["headgate-task-id"]),
    attempt: Number(headers["headgate-attempt"]),
    at: performance.now(),
    endedAt: Infinity,
    body: null,
    answer: null,
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  arrival: OpenArrival,
  time: number,
  watch: TargetWatch,
): Promise<void> {
  const { latencyMs, acts } = JSON.parse(String(request.headers[SCRIPT_HEADER.toLowerCase()])) as Script;
  arrival.body = await digestOf(request);
  await delay(latencyMs);
  const act = acts[Math.min(time, acts.length - 1)]!;
  if (act === "reset") {
    request.socket.resetAndDestroy();
    return;
  }
  if (act === "cut") {
    response.writeHead(200, { "Content-Length": 1_000 });
    response.write("cut short", () => request.socket.destroy());
    return;
  }
  await answer(response, arrival, act, time, watch);
}

const PIECE_BYTES = 16 * 1024;

async function answer(
  response: ServerResponse,
  arrival: OpenArrival,
  { status, sizeBytes }: Exclude<Act, string>,
  time: number,
  watch: TargetWatch,
): Promise<void> {
  // No two answers are alike.
  const body = bytesFor(`${arrival.token} ${time} ${arrival.attempt} `, sizeBytes);
  const retryAfter = status === 503 ? { "Retry-After": 0 } : {};
  response.writeHead(status, { "Content-Length": body.length, ...retryAfter });
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const last = body.length - (body.length % PIECE_BYTES);
  for (let at = 0; at < last; at += PIECE_BYTES) {
    if (!response.write(body.subarray(at, at + PIECE_BYTES)))
      await once(response, "drain", { signal: gone.signal });
  }
  if (arrival.endedAt !== Infinity) return;
  watch.onAnswering(arrival);
  // Before the bytes are: the slot may be used again as soon as they are read.
  arrival.answer = { status, body: digest(body) };
  arrival.endedAt = performance.now();
  response.end(body.subarray(last));
}

/** `/load/{token}?…` */
export function tokenOf(path: string): string {
  return path.split(/[/?]/)[2] ?? "";
}

/** Bytes of this size that begin with the text and belong to it alone. */
export function bytesFor(text: string, sizeBytes: number): Buffer {
  return Buffer.alloc(Math.max(sizeBytes, Buffer.byteLength(text)), text);
}

export function digest(bytes: Uint8Array): Digest {
  return { sizeBytes: bytes.byteLength, sha256: createHash("sha256").update(bytes).digest("hex") };
}

async function digestOf(request: IncomingMessage): Promise<Digest> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    hash.update(piece);
    sizeBytes += piece.byteLength;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}
