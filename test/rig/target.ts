// A target that does what a test tells it, on a raw socket: what no HTTP library would let it do, too.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type Behaviour, byPath, type Call, type SeenRequest, type Upload } from "./behaviour.ts";
import { patiently } from "./patience.ts";

export interface ScriptedTarget {
  readonly url: URL;
  /** Every request in order of arrival. */
  readonly seen: readonly SeenRequest[];
  /** Requests whose head has arrived and whose answer is not finished nor connection closed. */
  readonly atOnce: { readonly now: number; readonly max: number };
  /** Connections accepted so far. */
  readonly connections: number;
  /** What the next requests meet, one each; after that the path decides (see behaviour.ts), and else it is `echo`. */
  next(...behaviours: readonly Behaviour[]): void;
  /** What all requests meet from now on, whatever their path; null: as before. */
  always(behaviour: Behaviour | null): void;
  /** The `count`-th request, as soon as it is there. */
  received(count: number): Promise<SeenRequest>;
  /** The first request that is right, as soon as it is there. */
  arrival(isRight: (request: SeenRequest) => boolean): Promise<SeenRequest>;
  /** The first request of this task, as soon as it is there. */
  arrivalOf(taskId: string): Promise<SeenRequest>;
  /** Resolves when a connection is over; one that is not there yet counts as open. */
  closed(connection: number): Promise<void>;
  /** Lets every `slow` answer go, those under way and those to come. */
  release(): void;
  close(): Promise<void>;
}

export interface TargetOptions {
  /** To be met by `https:`. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
}

export async function startTarget(options: TargetOptions = {}): Promise<ScriptedTarget> {
  const seen: SeenRequest[] = [];
  const sockets: Socket[] = [];
  const script: Behaviour[] = [];
  const atOnce = { now: 0, max: 0 };
  const released = Promise.withResolvers<void>();
  const closing = new AbortController();
  let usual: Behaviour | null = null;
  let arrived = Promise.withResolvers<void>();
  const endings = new Map<number, PromiseWithResolvers<void>>();

  function serve(socket: Socket): void {
    sockets.push(socket);
    const connection = sockets.length;
    // Otherwise a second write waits for the first to be acknowledged, and arrives in the middle of the next request.
    socket.setNoDelay(true);
    socket.on("error", () => {});
    // The first sign of the end: that of `close` may come after what the client already sends elsewhere.
    for (const sign of ["end", "close"]) socket.once(sign, () => pending(endings, connection).resolve());
    readRequests(socket, (head, body) => {
      const request = { ...head, number: seen.length + 1, connection };
      seen.push(request);
      atOnce.max = Math.max(atOnce.max, (atOnce.now += 1));
      const gone = pending(endings, connection).promise;
      const behave = script.shift() ?? usual ?? byPath(request.path);
      const done = behave({ request, socket, body, gone, released: released.promise } satisfies Call);
      void Promise.race([done, gone]).finally(() => (atOnce.now -= 1));
      arrived.resolve();
      arrived = Promise.withResolvers();
    });
  }

  async function arrival(isRight: (request: SeenRequest) => boolean, what: string): Promise<SeenRequest> {
    for (;;) {
      const found = seen.find(isRight);
      if (found !== undefined) return found;
      await patiently(arrived.promise, () => `${what}. There came ${describe(seen)}.`, closing.signal);
    }
  }

  const server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  server.on("tlsClientError", () => {});
  // Also those that are in the middle of a handshake: `close` waits for each.
  const accepted: Socket[] = [];
  server.on("connection", (socket: Socket) => void accepted.push(socket));
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`),
    seen,
    atOnce,
    get connections() {
      return sockets.length;
    },
    next: (...behaviours) => void script.push(...behaviours),
    always: (behaviour) => void (usual = behaviour),
    received: (count) => arrival(({ number }) => number === count, `request ${count}`),
    arrival: (isRight) => arrival(isRight, "a request"),
    arrivalOf: (id) =>
      arrival((request) => headerOf(request, "headgate-task-id") === id, `a request of task ${id}`),
    closed: (connection) =>
      patiently(
        pending(endings, connection).promise,
        () => `the end of connection ${connection} of ${sockets.length}.`,
        closing.signal,
      ),
    release: () => released.resolve(),
    async close() {
      closing.abort();
      const closed = once(server, "close");
      server.close();
      for (const socket of [...accepted, ...sockets]) socket.destroy();
      await closed;
    },
  };
}

function describe(seen: readonly SeenRequest[]): string {
  const latest = seen.slice(-5).map(({ method, path }) => `${method} ${path.slice(0, 60)}`);
  return `${seen.length}, the latest ${latest.join(", ") || "none"}`;
}

function pending<T>(waiting: Map<number, PromiseWithResolvers<T>>, number: number): PromiseWithResolvers<T> {
  const found = waiting.get(number) ?? Promise.withResolvers<T>();
  waiting.set(number, found);
  return found;
}

type Head = Omit<SeenRequest, "number" | "connection">;

/** Calls `onRequest` at the end of each head. Bodies are framed by Content-Length only, and hashed as they pass. */
function readRequests(socket: Socket, onRequest: (head: Head, body: Promise<Upload>) => void): void {
  let unread: Buffer = Buffer.alloc(0);
  let upload: {
    missing: number;
    sizeBytes: number;
    hash: ReturnType<typeof createHash>;
    done: (upload: Upload) => void;
  } | null = null;
  socket.on("data", (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    while (true) {
      if (upload !== null) {
        const piece = unread.subarray(0, upload.missing);
        upload.hash.update(piece);
        upload.missing -= piece.length;
        unread = unread.subarray(piece.length);
        if (upload.missing > 0) return;
        upload.done({ sizeBytes: upload.sizeBytes, sha256: upload.hash.digest("hex") });
        upload = null;
      }
      const end = unread.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = parseHead(unread.toString("latin1", 0, end));
      unread = unread.subarray(end + 4);
      const body = Promise.withResolvers<Upload>();
      const sizeBytes = Number(headerOf(head, "content-length") ?? 0);
      upload = { missing: sizeBytes, sizeBytes, hash: createHash("sha256"), done: body.resolve };
      onRequest(head, body.promise);
    }
  });
}

function parseHead(text: string): Head {
  const [requestLine = "", ...lines] = text.split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const headers = lines.flatMap((line) => [
    line.slice(0, line.indexOf(":")),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  return { method, path, headers, token: headerOf({ headers }, "token"), at: performance.now() };
}

/** The first value of a header of a seen request, or null. */
export function headerOf({ headers }: Pick<SeenRequest, "headers">, lowerCaseName: string): string | null {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === lowerCaseName);
  return at === -1 ? null : (headers[at + 1] ?? null);
}
