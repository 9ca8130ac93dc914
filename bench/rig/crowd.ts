import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

/** Clients with a connection each, as browsers and programs are: every one sends one request and keeps its connection. */
export interface Crowd {
  /** Clients that were sent something by now. */
  answered(): number;
  /** Throws when a connection is over, and with what. */
  assertComplete(): void;
  /** What those that were sent something read first. */
  firstLines(): ReadonlySet<string>;
  leave(): Promise<void>;
}

/** So many connect and send at once: a listening socket queues 511. */
const AT_ONCE = 100;

/** The bytes of client number `index`. */
export type RequestOf = (index: number) => string;

export async function gather(url: string, clients: number, requestOf: RequestOf): Promise<Crowd> {
  const { hostname, port } = new URL(url);
  const firstLines = new Set<string>();
  const sockets: Socket[] = [];
  let answered = 0;
  let next = 0;
  let gone = 0;
  let failure: Error | null = null;

  async function join(index: number): Promise<void> {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    await once(socket, "connect");
    socket.on("error", (error) => (failure = error)).on("close", () => (gone += 1));
    socket.once("data", (bytes) => {
      answered += 1;
      firstLines.add(bytes.toString("latin1").split("\r\n", 1)[0] ?? "");
    });
    socket.resume();
    await new Promise((resolve) => socket.write(requestOf(index), resolve));
  }

  async function keepJoining(): Promise<void> {
    while (next < clients) await join(next++);
  }

  await Promise.all(Array.from({ length: AT_ONCE }, keepJoining));
  return {
    answered: () => answered,
    assertComplete() {
      if (gone > 0) throw new Error(`${gone} of ${clients} connections are over (${String(failure)})`);
    },
    firstLines: () => firstLines,
    async leave() {
      await Promise.all(
        sockets.map(async (socket) => {
          socket.destroy();
          if (!socket.closed) await once(socket, "close");
        }),
      );
    },
  };
}

/** The fields that a browser's fetch sends, with a body if there is one. */
export function browserRequest(line: string, host: string, fields: readonly string[], body = ""): string {
  const lines = [
    `${line} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: keep-alive",
    'sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile: ?0",
    'sec-ch-ua-platform: "Linux"',
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Accept: application/json, text/plain, */*",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9,de;q=0.8",
    ...fields,
    ...(body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
