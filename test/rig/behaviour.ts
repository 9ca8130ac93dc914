// What a scripted target can do with a request. A behaviour is over when its answer is, or when the connection is.

import { once } from "node:events";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

/** A request as its head arrived; the body follows. */
export interface SeenRequest {
  /** 1 for the first this target saw. */
  readonly number: number;
  /** The connection it came on, 1 for the first. */
  readonly connection: number;
  readonly method: string;
  readonly path: string;
  /** name, value, name, value; as they came. */
  readonly headers: readonly string[];
  /** The `Token` header, by which a test knows its requests. */
  readonly token: string | null;
  /** `performance.now()` when the head was complete. */
  readonly at: number;
}

export interface Upload {
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Call {
  readonly request: SeenRequest;
  readonly socket: Socket;
  /** Resolves when the body has arrived. */
  readonly body: Promise<Upload>;
  /** Resolves when the connection is over. */
  readonly gone: Promise<void>;
  /** Resolves when the test says so. */
  readonly released: Promise<void>;
}

export type Behaviour = (call: Call) => Promise<void>;

/** Answers with what arrived, as JSON. */
export const echo: Behaviour = async ({ request, socket, body }) => {
  const { method, path, headers, token } = request;
  const { sizeBytes, sha256 } = await body;
  const text = JSON.stringify({ method, path, headers, token, sizeBytes, sha256 });
  socket.write(message(200, text, ["Content-Type", "application/json"]));
};

/** Answers when the test releases it. */
const slow: Behaviour = async (call) => {
  await call.released;
  await echo(call);
};

/** Never answers. */
export const hang: Behaviour = ({ gone }) => gone;

/** Never answers and does not even read until the test releases it, so that only then it notices being left. */
const deaf: Behaviour = async ({ socket, released, gone }) => {
  socket.pause();
  await released;
  socket.resume();
  await gone;
};

export function status(code: number, headers: readonly string[] = []): Behaviour {
  return async ({ request, socket, body }) => {
    await body;
    const bodiless = request.method === "HEAD" || code === 204 || code === 304;
    socket.write(bodiless ? head(code, headers) : message(code, `status ${code}`, headers), "latin1");
  };
}

/** Writes these bytes once the body has arrived, whatever they are. */
export function raw(...pieces: readonly (string | Buffer)[]): Behaviour {
  return async ({ socket, body }) => {
    await body;
    for (const piece of pieces)
      socket.write(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  };
}

/** The same, and then ends the connection: `close` with a FIN, `reset` with a RST. */
export function rawThen(end: "close" | "reset", ...pieces: readonly (string | Buffer)[]): Behaviour {
  return async (call) => {
    await raw(...pieces)(call);
    if (end === "close") call.socket.end();
    // Later, so that what was written has left.
    else setTimeout(() => call.socket.resetAndDestroy(), 20);
    await call.gone;
  };
}

/** Writes a piece again and again, as fast as it is read or one every `everyMs`. */
function endlessly(first: string, piece: string | Buffer, everyMs = 0): Behaviour {
  return async ({ socket, body, gone }) => {
    await body;
    socket.write(first);
    if (everyMs > 0) {
      const timer = setInterval(() => socket.write(piece), everyMs);
      await gone;
      clearInterval(timer);
      return;
    }
    while (!socket.destroyed) {
      if (!socket.write(piece)) await Promise.race([once(socket, "drain").catch(() => {}), gone]);
    }
  };
}

/** An answer of many bytes, without holding them. */
export function stream(sizeBytes: number): Behaviour {
  return async ({ socket, body, gone }) => {
    await body;
    socket.write(head(200, ["Content-Length", String(sizeBytes)]));
    const piece = Buffer.alloc(64 * 1024, "x");
    for (let left = sizeBytes; left > 0 && !socket.destroyed; left -= piece.length) {
      const room = socket.write(left < piece.length ? piece.subarray(0, left) : piece);
      if (!room) await Promise.race([once(socket, "drain").catch(() => {}), gone]);
    }
  };
}

/** Answers without waiting for the body, and keeps reading it. */
const early: Behaviour = async ({ socket }) => {
  socket.write(message(413, "too much"));
};

const OK = "HTTP/1.1 200 OK\r\n";
const TEN = `${OK}Content-Length: 10\r\n\r\n`;

/** By the path's first part; a number may follow it: `/status/503`, `/stream/1073741824`. */
const BEHAVIOURS: Readonly<Record<string, (argument: number) => Behaviour>> = {
  ok: () => echo,
  echo: () => echo,
  slow: () => slow,
  hang: () => hang,
  deaf: () => deaf,
  early: () => early,
  status: (code) => status(code),
  stream: (sizeBytes) => stream(sizeBytes),
  trickle: () => endlessly(`${OK}Content-Length: 100000\r\n\r\n`, "x", 25),
  "trickle-head": () => endlessly(`${OK}X-Slow: `, "x", 25),
  endless: () => endlessly(`${OK}Transfer-Encoding: chunked\r\n\r\n`, `10000\r\n${"x".repeat(65_536)}\r\n`),
  informational: () => endlessly("", "HTTP/1.1 102 Processing\r\n\r\n"),
  "informational-trickle": () => endlessly("", "HTTP/1.1 102 Processing\r\n\r\n", 250),
  "huge-headers": () => raw(`${OK}X-Huge: ${"x".repeat(200_000)}\r\nContent-Length: 0\r\n\r\n`),
  "short-length": () => raw(TEN, "0123456789 and more"),
  "long-length": () => rawThen("close", TEN, "01234"),
  "reset-mid-body": () => rawThen("reset", TEN, "01234"),
  "reset-mid-stream": () => rawThen("reset", `${OK}Connection: close\r\n\r\n`, "01234"),
  "reset-unanswered": () => rawThen("reset"),
  "close-unanswered": () => rawThen("close"),
  "cut-chunk": () => rawThen("close", `${OK}Transfer-Encoding: chunked\r\n\r\na\r\n01234`),
  "bad-chunk": () => raw(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n01234`),
  "foreign-coding": () => raw(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`),
  "invalid-http": () => raw("SMTP 220 hello\r\n\r\n"),
  "status-line": (code) => raw(`HTTP/1.1 ${String(code).padStart(3, "0")} Odd\r\nContent-Length: 0\r\n\r\n`),
  "switch-protocols": () => raw("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
  "no-content-with-body": () => raw("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nwrong"),
  "no-content-with-bytes": () => raw("HTTP/1.1 204 No Content\r\n\r\nwrong"),
  "extra-bytes": () => raw(TEN, "0123456789", `${TEN}STOLEN-123`),
  "extra-garbage": () => raw(`${TEN}0123456789`, "\x00garbage"),
  "close-after": () => rawThen("close", `${TEN}0123456789`),
  "reset-after": () => rawThen("reset", `${TEN}0123456789`),
  "gzip-bomb": () => bomb,
};

export function byPath(path: string): Behaviour {
  const [, name = "", argument = ""] = path.split(/[/?]/);
  return Object.hasOwn(BEHAVIOURS, name) ? (BEHAVIOURS[name]?.(Number(argument)) ?? echo) : echo;
}

/** What the gzip bomb sends: a thousandth of what it unpacks to. */
export const GZIP_BOMB: Buffer = gzipSync(Buffer.alloc(10_000_000));

const bomb: Behaviour = async (call) => {
  const headers = ["Content-Encoding", "gzip", "Content-Length", String(GZIP_BOMB.length)];
  await raw(head(200, headers), GZIP_BOMB)(call);
};

function head(code: number, headers: readonly string[]): string {
  const lines = headers.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${headers[index + 1] ?? ""}\r\n`] : [],
  );
  return `HTTP/1.1 ${code} Scripted\r\n${lines.join("")}\r\n`;
}

function message(code: number, text: string, headers: readonly string[] = []): string {
  return head(code, [...headers, "Content-Length", String(Buffer.byteLength(text))]) + text;
}
