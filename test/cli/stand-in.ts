// A server that answers as a test says, for what commands do with it.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface SeenCall {
  readonly call: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface StandIn {
  readonly url: string;
  /** All calls but those that ask whether it is a Headgate. */
  readonly seen: readonly SeenCall[];
}

export type Reply = (response: ServerResponse, seen: SeenCall) => void;

interface Owner {
  after(clean: () => Promise<void>): void;
}

/** By `GET /stats`; what is not named is a problem 404. */
export async function startStandIn(owner: Owner, replies: Readonly<Record<string, Reply>>): Promise<StandIn> {
  const seen: SeenCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const call = `${request.method} ${request.url}`;
      if (call === "GET /healthz") return json({ status: "ok" })(response);
      const one = { call, headers: request.headers, body: await text(request) };
      seen.push(one);
      (replies[call] ?? problem(404, "not_found", "There is none."))(response, one);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  owner.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** As Headgate answers: each says that it has succeeded. */
export function json(body: unknown, status = 200): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ success: true, ...(body as object) }));
  };
}

/** One reply after the other; the last for all that come later. */
export function inTurn(...replies: readonly [Reply, ...Reply[]]): Reply {
  let next = 0;
  return (response, seen) => replies[Math.min(next++, replies.length - 1)]?.(response, seen);
}

/** Of a task that is accepted. */
export function receipt(id: string): Reply {
  return (response) => {
    response.setHeader("Headgate-Task-Id", id);
    json({ task_id: id, status: "pending", data: { position: 4, eta_seconds: 12 } }, 202)(response);
  };
}

export function problem(status: number, code: string, detail: string, field?: string): Reply {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/problem+json", "Retry-After": "0" });
    response.end(JSON.stringify({ status, code, detail, ...(field === undefined ? {} : { field }) }));
  };
}

/** Events, and then the end: whoever comes again is told that there are no more. */
export function events(...texts: readonly string[]): Reply {
  return (response, { headers }) => {
    const isAgain = headers["last-event-id"] !== undefined;
    response.writeHead(isAgain ? 204 : 200, { "Content-Type": "text/event-stream" });
    response.end(isAgain ? "" : `retry: 1\n\n${texts.join("")}`);
  };
}
