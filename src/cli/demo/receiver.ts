import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** A webhook receiver that believes only what is signed. */
export interface Receiver {
  readonly url: string;
  /** Resolves with the first message about a task, once it has come and its signature was right. */
  told(taskId: string): Promise<Told>;
  close(): void;
}

export interface Told {
  readonly type: string;
  readonly data: { readonly task_id?: string; readonly status?: string };
}

export async function startReceiver(secret: string): Promise<Receiver> {
  const webhook = new Webhook(secret);
  const messages: Told[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      try {
        const body = Buffer.concat(pieces).toString();
        messages.push(webhook.verify(body, request.headers as Record<string, string>) as Told);
        response.writeHead(204).end();
        arrived.resolve();
        arrived = Promise.withResolvers();
      } catch {
        response.writeHead(401).end();
      }
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    async told(taskId) {
      for (;;) {
        const message = messages.find(({ data }) => data.task_id === taskId);
        if (message !== undefined) return message;
        await arrived.promise;
      }
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
