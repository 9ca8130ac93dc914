// A webhook receiver that answers as a test tells it, and remembers what came.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Owner } from "./gateway.ts";
import { patiently } from "./patience.ts";

export interface Message {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly messages: readonly Message[];
  /** The `count`-th message for a path, as soon as it is there. */
  received(count: number, path?: string): Promise<Message>;
  /** What the next messages for a path are answered, one each; after that 204. */
  next(path: string, ...answers: readonly ((response: ServerResponse) => void)[]): void;
}

export async function startReceiver(owner: Owner): Promise<Receiver> {
  const messages: Message[] = [];
  const answers = new Map<string, ((response: ServerResponse) => void)[]>();
  let arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => void take(request, response)).listen(0, "127.0.0.1");

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const path = String(request.url).split("?", 1)[0]!;
    messages.push({ path, headers: request.headers, body: Buffer.concat(pieces).toString() });
    arrived.resolve();
    arrived = Promise.withResolvers();
    const answer = answers.get(path)?.shift();
    if (answer === undefined) response.writeHead(204).end();
    else answer(response);
  }
  await new Promise((resolve) => server.once("listening", resolve));
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    async received(count, path) {
      for (;;) {
        const message = messages.filter((each) => path === undefined || each.path === path)[count - 1];
        if (message !== undefined) return message;
        await patiently(
          arrived.promise,
          () =>
            `message ${count} for ${path ?? "any path"}. There came ${messages.map((each) => each.path).join(", ")}.`,
        );
      }
    },
    next: (path, ...more) => void answers.set(path, [...(answers.get(path) ?? []), ...more]),
  };
}

/** An answer without a body. */
export function reply(
  status: number,
  headers: Record<string, string> = {},
): (response: ServerResponse) => void {
  return (response) => void response.writeHead(status, headers).end();
}
