// A slow service that says how far it is. It knows nothing of queues: it answers requests.
//
//   $ node examples/target-node/service.ts
//
// It needs Node 22.18 or newer and nothing else, and listens on port 8000, where Headgate looks for it.

import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const { month, pages = 10 } = await jsonOf(request);
    for (let page = 1; page <= pages; page++) {
      // The work. When the task is cancelled, Headgate closes the connection, and the work can stop.
      await sleep(200, null, { signal: gone.signal });
      await reportProgress(request.headers, (100 * page) / pages, `page ${page} of ${pages}`);
    }
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ month, pages }));
  } catch {
    if (gone.signal.aborted) console.log("stopped: nobody waits for the answer any more");
    else response.writeHead(400).end(); // no JSON
  }
});

/** Headgate sends two header fields with each request: where to report, and a token that is good for this attempt. */
async function reportProgress(headers: IncomingHttpHeaders, percent: number, message: string): Promise<void> {
  const url = headers["headgate-progress-url"];
  const token = headers["headgate-progress-token"];
  // A request that did not come through Headgate has neither.
  if (typeof url !== "string" || typeof token !== "string") return;
  await fetch(url, {
    method: "PUT",
    headers: { "Content-Type": "application/json", "Headgate-Progress-Token": token },
    body: JSON.stringify({ percent, message }),
  }).catch(() => {}); // Work does not fail because a report did.
}

async function jsonOf(request: IncomingMessage): Promise<{ month?: string; pages?: number }> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) text += piece;
  return JSON.parse(text || "{}");
}

// Where only this machine can reach it: whoever can send requests here says where reports go.
server.listen(Number(process.env["PORT"] ?? 8000), "127.0.0.1", () => {
  console.log(`The service listens on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
