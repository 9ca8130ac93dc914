// A client that sends exactly the bytes it is given and hands out exactly the bytes it gets.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { patiently } from "./patience.ts";

export interface RawClient {
  readonly socket: Socket;
  /** Resolves when the bytes have left this process: not before the server makes room for them. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** Closes our side and goes on reading. */
  end(): void;
  /** Leaves without a word: the server sees a reset. */
  vanish(): Promise<void>;
  /** The next answer, its body by Content-Length or chunks; rejects when the connection ends before it is whole. */
  answer(): Promise<RawAnswer>;
  /** Everything until the server closes, what `answer` took excluded. Rejects when it resets instead. */
  rest(): Promise<string>;
}

export interface RawAnswer {
  readonly status: number;
  /** Status line and fields as they came. */
  readonly head: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export async function connectRaw(port: number, host = "127.0.0.1"): Promise<RawClient> {
  const socket = connect(port, host);
  await once(socket, "connect");
  let received = "";
  let ended = false;
  let failure: Error | null = null;
  let changed = Promise.withResolvers<void>();
  function change(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    change();
  });
  socket.on("error", (error) => {
    failure = error;
    change();
  });
  socket.on("close", () => {
    ended = true;
    change();
  });
  socket.on("end", () => {
    ended = true;
    change();
  });

  return {
    socket,
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    end: () => void socket.end(),
    async vanish() {
      socket.resetAndDestroy();
      if (!socket.closed) await once(socket, "close");
    },
    async answer() {
      for (;;) {
        const parsed = parseAnswer(received);
        if (parsed !== null) {
          received = received.slice(parsed.length);
          return parsed.answer;
        }
        if (failure !== null) throw failure;
        if (ended) throw new Error(`The server closed after ${JSON.stringify(received)}.`);
        await patiently(changed.promise, () => `an answer after ${JSON.stringify(received)}.`);
      }
    },
    async rest() {
      while (!ended && failure === null) {
        await patiently(
          changed.promise,
          () => `the end of the connection after ${JSON.stringify(received)}.`,
        );
      }
      if (failure !== null) throw failure;
      const all = received;
      received = "";
      return all;
    },
  };
}

/** Sends one request on a connection of its own and takes the answer, with whatever followed it until the close. */
export async function exchange(
  port: number,
  bytes: string | Uint8Array,
): Promise<RawAnswer & { readonly rest: string }> {
  const client = await connectRaw(port);
  try {
    // The server may close before it has read everything; what counts is its answer.
    client.send(bytes).catch(() => {});
    const answer = await client.answer();
    return { ...answer, rest: answer.headers.get("connection") === "close" ? await client.rest() : "" };
  } finally {
    client.socket.destroy();
  }
}

function parseAnswer(text: string): { readonly answer: RawAnswer; readonly length: number } | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = text.slice(0, end);
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`This is no status line: ${JSON.stringify(statusLine)}`);
  const start = end + 4;
  if (status < 200) return { answer: { status, head, headers, body: "" }, length: start };
  if (headers.get("transfer-encoding") === "chunked")
    return parseChunks(text, start, { status, head, headers });
  const length = Number(headers.get("content-length") ?? 0);
  if (text.length < start + length) return null;
  // Read as Latin-1, a character a byte, until here.
  const body = Buffer.from(text.slice(start, start + length), "latin1").toString();
  return { answer: { status, head, headers, body }, length: start + length };
}

function parseChunks(
  text: string,
  start: number,
  rest: Omit<RawAnswer, "body">,
): { readonly answer: RawAnswer; readonly length: number } | null {
  let body = "";
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return null;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (text.length < next) return null;
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
    if (size === 0) {
      return { answer: { ...rest, body: Buffer.from(body, "latin1").toString() }, length: at };
    }
  }
}
