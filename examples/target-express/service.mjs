// A slow service that says how far it is, with Express.
//
//   $ npm --prefix examples/target-express ci && node examples/target-express/service.mjs
//
// It listens on port 8000, where Headgate looks for it.

import { setTimeout as sleep } from "node:timers/promises";
import express from "express";

const app = express();
app.use(express.json());

app.post("/api/report", async (request, response) => {
  const { month, pages = 10 } = request.body ?? {};
  const report = progressOf(request);
  for (let page = 1; page <= pages; page++) {
    // When the task is cancelled, Headgate closes the connection, and the work can stop.
    if (response.destroyed) return console.log("stopped: nobody waits for the answer any more");
    await sleep(200); // the work
    await report((100 * page) / pages, `page ${page} of ${pages}`);
  }
  response.json({ month, pages });
});

/** Headgate sends two header fields with each request: where to report, and a token that is good for this attempt. */
function progressOf(request) {
  const url = request.get("Headgate-Progress-Url");
  const token = request.get("Headgate-Progress-Token");
  return async (percent, message) => {
    if (!url || !token) return; // It did not come through Headgate.
    await fetch(url, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "Headgate-Progress-Token": token },
      body: JSON.stringify({ percent, message }),
    }).catch(() => {}); // Work does not fail because a report did.
  };
}

// Where only this machine can reach it: whoever can send requests here says where reports go.
const server = app.listen(Number(process.env.PORT ?? 8000), "127.0.0.1", () => {
  console.log(`The service listens on http://127.0.0.1:${server.address().port}`);
});
