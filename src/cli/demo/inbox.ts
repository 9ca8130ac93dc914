import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** Where the demo's webhooks arrive. It takes what is signed, as a receiver should. */
export interface Inbox {
  readonly url: string;
  /** The first message that fits, as soon as it is there. */
  message(fits: (message: InboxMessage) => boolean): Promise<InboxMessage>;
  /** Throws unless the body is what was signed. */
  verify(message: InboxMessage, body?: string): void;
  close(): Promise<void>;
}

export interface InboxMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const MOST_KEPT = 200;

export async function openInbox(secret: string): Promise<Inbox> {
  const webhook = new Webhook(secret);
  const messages: InboxMessage[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    take(request).then(
      (message) => {
        messages.push(message);
        if (messages.length > MOST_KEPT) messages.shift();
        response.writeHead(204).end();
        arrived.resolve();
        arrived = Promise.withResolvers();
      },
      () => response.writeHead(400).end(),
    );
  });

  async function take(request: IncomingMessage): Promise<InboxMessage> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString();
    const headers = request.headers as Record<string, string>;
    const { type, data } = webhook.verify(body, headers) as Pick<InboxMessage, "type" | "data">;
    return { headers, body, type, data };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async message(fits) {
      for (;;) {
        const found = messages.find(fits);
        if (found !== undefined) return found;
        await arrived.promise;
      }
    },
    verify: ({ headers, body }, changed = body) => void webhook.verify(changed, headers),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
