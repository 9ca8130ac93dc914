/**
 * A target with a best concurrency: up to it each request takes some 50 ms, beyond it they slow each other down.
 * PUT /capacity changes it; GET /measured tells what happened since it was asked last.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { createClock } from "../../src/lib/clock.ts";
import type { Capacity } from "../../test/rig/shared-capacity.ts";
import { shareCapacity } from "../../test/rig/shared-capacity.ts";
import { percentile } from "../rig/median.ts";

const clock = createClock();
const capacity = shareCapacity({ best: 8, contention: 0.2 }, clock);
const workMs = { least: 40, most: 60 };

let took: number[] = [];
let mostAtOnce = 0;
let since = clock.monotonicMs();

createServer({ requestTimeout: 0 }, (request, response) => {
  if (request.url === "/capacity") void change(request, response);
  else if (request.url === "/measured") response.end(JSON.stringify(measured()));
  else work(request, response);
}).listen(Number(process.argv[2]), "127.0.0.1");

function work(request: IncomingMessage, response: ServerResponse): void {
  const start = clock.monotonicMs();
  request.resume();
  capacity.work(workMs.least + Math.random() * (workMs.most - workMs.least), () => {
    took.push(clock.monotonicMs() - start);
    response.setHeader("content-type", "application/json").end('{"success":true}');
  });
  mostAtOnce = Math.max(mostAtOnce, capacity.inFlight);
}

async function change(request: IncomingMessage, response: ServerResponse): Promise<void> {
  capacity.change((await json(request)) as Capacity);
  response.end();
}

function measured(): unknown {
  const now = clock.monotonicMs();
  const sorted = took.toSorted((a, b) => a - b);
  const figures = {
    perSecond: (took.length * 1_000) / (now - since),
    p95Ms: sorted.length === 0 ? 0 : percentile(sorted, 95),
    mostAtOnce,
  };
  took = [];
  mostAtOnce = capacity.inFlight;
  since = now;
  return figures;
}
