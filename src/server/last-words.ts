import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../lib/clock.ts";
import { toProblem } from "../lib/problem.ts";

/** How long what the client still sends is read past, so that a reset does not overtake the answer (RFC 9112 9.6). */
const LINGER_MS = 2_000;

/** Says a problem on a connection that can carry no further request, then closes it. */
export type LastWords = (socket: Socket, error: unknown, stream?: Duplex) => void;

/**
 * For what node:http hands out as a bare socket: parser errors, CONNECT, silent clients. Of several such events on one
 * connection the first is answered.
 */
export function createLastWords(clock: Clock): LastWords {
  const told = new WeakSet<Socket>();

  function tell(socket: Socket, error: unknown, stream: Duplex): void {
    const response = responseUnderWay(socket);
    // Answers go out in the order of the requests: an earlier one that is still being worked on comes first.
    if (response !== undefined && response.req.complete) {
      response.once("finish", () => tell(socket, error, stream));
      return;
    }
    if (!stream.writable) {
      stream.destroy();
      return;
    }
    const cancel = clock.after(LINGER_MS, () => stream.destroy());
    stream.once("close", cancel);
    stream.on("error", () => stream.destroy());
    // An answer that has begun, to a request that was refused before it was read, is the last word already.
    if (response?.headersSent === true) stream.end();
    else stream.end(problemMessage(error));
    stream.resume();
  }

  return (socket, error, stream = socket) => {
    if (told.has(socket)) return;
    told.add(socket);
    tell(socket, error, stream);
  };
}

/** The response that a socket is busy with. Node has no public name for it; its own handler of parser errors asks the same. */
export function responseUnderWay(socket: Socket): ServerResponse | undefined {
  // oxlint-disable-next-line no-underscore-dangle
  return (socket as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

function problemMessage(error: unknown): string {
  const { status, headers, body } = toProblem(error);
  const payload = JSON.stringify(body);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${fields.join("")}` +
    `Content-Length: ${Buffer.byteLength(payload)}\r\nConnection: close\r\n\r\n${payload}`
  );
}
