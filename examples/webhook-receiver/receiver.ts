// Being told when a task has ended, in place of asking.
//
//   $ node examples/webhook-receiver/receiver.ts
//
// It needs Node 22.18 or newer and the package standardwebhooks, which a checkout of Headgate has, and listens on port 9000.
// headgate.yaml, beside this file, has Headgate call it.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

const secret = process.env["WEBHOOK_SECRET"] ?? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
const webhook = new Webhook(secret);
/** Messages that were dealt with. In earnest: a table in the database, with the work in one transaction. */
const done = new Set<string>();

const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += piece;
  let event: { type: string; data: { task_id: string; path: string; result_url: string } };
  try {
    // Over the bytes as they came. Throws for what Headgate has not signed, or what is older than five minutes.
    event = webhook.verify(body, request.headers as Record<string, string>) as typeof event;
  } catch {
    console.log("refused: not signed by Headgate");
    return response.writeHead(400).end();
  }
  // A message whose answer was lost comes again, under the same id.
  const id = String(request.headers["webhook-id"]);
  if (!done.has(id)) {
    done.add(id);
    console.log(`${event.type}: ${event.data.path}, its answer is at ${event.data.result_url}`);
  }
  // Anything but a 2xx, or none within a few seconds, and it is tried again, for hours. 410: never again.
  return response.writeHead(204).end();
});

server.listen(Number(process.env["PORT"] ?? 9000), "127.0.0.1", () => {
  console.log(`The receiver listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
