import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "../../client/connection.ts";
import { follow } from "../../client/follow.ts";
import { startStandIn } from "../cli/stand-in.ts";

test("an id without data is where a stream goes on, and stays so until another comes", async (t) => {
  const streams = ["retry: 1\n\nid: 1\ndata: a\n\nid: 2\n\nid: cut off", ": nothing new\n\n", "data: b\n\n"];
  const server = await startStandIn(t, {
    "GET /events": (response) => {
      const stream = streams.shift();
      response.writeHead(stream === undefined ? 204 : 200, { "Content-Type": "text/event-stream" });
      response.end(stream);
    },
  });
  const events = await Array.fromAsync(follow(createConnection(server.url, {}), "/events"));
  assert.deepEqual(
    events.map(({ id, data }) => [id, data]),
    [
      ["1", "a"],
      ["2", "b"],
    ],
  );
  assert.deepEqual(
    server.seen.map(({ headers }) => headers["last-event-id"]),
    [undefined, "2", "2", "2"],
  );
});
