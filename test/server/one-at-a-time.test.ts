import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { oneAtATime } from "../../src/server/one-at-a-time.ts";

interface Stage {
  readonly client: Socket;
  /** Paths that were begun, in order. */
  readonly begun: string[];
  /** Answers that are not finished. */
  readonly open: ServerResponse[];
  /** All that the client got so far. */
  text(): string;
  /** Resolves when a request is begun. */
  next(): Promise<void>;
}

async function stage(t: TestContext): Promise<Stage> {
  const begun: string[] = [];
  const open: ServerResponse[] = [];
  let tell = (): void => {};
  let pending = 0;
  const take = oneAtATime((request, response) => {
    begun.push(request.url ?? "");
    open.push(response);
    pending++;
    tell();
  });
  const server = createServer((request, response) => take(request, response, false));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let received = "";
  client.setEncoding("latin1").on("data", (piece: string) => (received += piece));
  t.after(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  return {
    client,
    begun,
    open,
    text: () => received,
    async next() {
      if (pending === 0) await new Promise<void>((resolve) => (tell = resolve));
      pending--;
    },
  };
}

function requests(count: number): string {
  return Array.from({ length: count }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`).join("");
}

test("pipelined requests are begun one after the other, and answered in their order", async (t) => {
  const { client, begun, open, text, next } = await stage(t);
  client.write(requests(60));
  for (let i = 0; i < 60; i++) {
    await next();
    assert.equal(begun.length, i + 1, "the one before is not finished yet");
    open.shift()?.end(`answer ${i};`);
  }
  while (!text().includes("answer 59;")) await once(client, "data");
  assert.deepEqual(
    [...text().matchAll(/answer (\d+);/g)].map(([, number]) => Number(number)),
    Array.from({ length: 60 }, (_, i) => i),
  );
});

test("beyond the limit the connection ends after the answers to those that had room", async (t) => {
  const { client, begun, open, text, next } = await stage(t);
  client.write(requests(1_000));
  const closed = once(client, "close");
  for (let i = 0; i < 65; i++) {
    await next();
    open.shift()?.end(`answer ${i};`);
  }
  await closed;
  assert.equal(begun.length, 65);
  assert.match(text(), /answer 64;$/);
});

test("a client that leaves takes along what it had waiting", async (t) => {
  const { client, begun, open, next } = await stage(t);
  client.write(requests(10));
  await next();
  const gone = once(open[0]!, "close");
  client.destroy();
  await gone;
  assert.equal(begun.length, 1);
});
