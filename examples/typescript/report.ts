// A report that takes seconds, with the TypeScript client.
//
//   $ node examples/typescript/report.ts
//
// It needs Node 22.18 or newer, a service, and Headgate in front of it: see "Start here" in examples/README.md.
// In a project of your own the import is "@headgate/client".

import { Headgate, headgateFetch, QueueFullError, TaskFailedError } from "../../client/index.ts";

const url = process.env["HEADGATE_URL"] ?? "http://localhost:8080";
const headgate = new Headgate(url);

try {
  // Resolves as soon as the request is safely in the queue. If the connection breaks, it is sent again, as one task.
  const task = await headgate.submit("/api/report", {
    json: { month: "2026-02", pages: 5 },
    labels: { customer: "acme" },
    priority: 7, // 0 to 9
  });
  console.log(`accepted: ${task.id}, number ${task.receipt?.position} in the line`);

  // Until the task has ended, over broken connections and restarts of Headgate.
  for await (const event of task.events()) {
    if (event.type === "state") console.log(event.data.status);
    if (event.type === "progress") console.log(`${event.data.percent} %: ${event.data.message}`);
  }

  const { status, result, duration_seconds: seconds } = await task.done();
  console.log(status, "after", seconds, "s:", result);
} catch (error) {
  if (error instanceof TaskFailedError) console.error("It failed:", error.task.error?.message);
  else if (error instanceof QueueFullError) console.error("Come again in", error.retryAfterSeconds, "s");
  else throw error;
  process.exitCode = 1;
}

// Code that knows nothing of tasks gets a `fetch` that waits in line, and the service's own answer.
const fetch = headgateFetch(url);
const response = await fetch("/api/report", { method: "POST", body: JSON.stringify({ pages: 1 }) });
console.log(response.status, await response.json());
