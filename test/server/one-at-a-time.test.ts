import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { oneAtATime } from "../../src/server/one-at-a-time.ts";

interface Stage {
  readonly client: Socket;
  /** Paths that were begun, in order. */
  readonly begun: string[];
  /** Answers that are not finished. */
  readonly open: ServerResponse[];
  /** How many requests node:http has read. */
  parsed(): number;
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
  let parsed = 0;
  const take = oneAtATime((request, response) => {
    begun.push(request.url ?? "");
    open.push(response);
    pending++;
    tell();
  });
  const server = createServer((request, response) => {
    parsed++;
    take(request, response, false);
  });
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
    parsed: () => parsed,
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

test("however many are pipelined, all are answered, and no more are read than fit in a few pieces", async (t) => {
  const { client, begun, open, parsed, text, next } = await stage(t);
  const count = 20_000;
  client.write(requests(count));
  for (let i = 0; i < count; i++) {
    await next();
    assert.ok(parsed() - i < 6_000, `${parsed()} were read when ${i} were answered`);
    open.shift()?.end(`answer ${i};`);
  }
  while (!text().includes(`answer ${count - 1};`)) await once(client, "data");
  assert.equal(begun.length, count);
});

test("a long answer that drains again and again lets in no more", async (t) => {
  const { client, open, parsed, next } = await stage(t);
  client.write(requests(60_000));
  await next();
  const [response] = open;
  assert.ok(response);
  for (let i = 0; i < 50; i++) {
    if (!response.write(Buffer.alloc(1 << 18))) await once(response, "drain");
  }
  assert.ok(parsed() < 6_000, `${parsed()} were read`);
});

test("many answers of bytes let in no more", async (t) => {
  const { client, open, parsed, next } = await stage(t);
  client.write(requests(60_000));
  for (let i = 0; i < 1_000; i++) {
    await next();
    const response = open.shift();
    response?.writeHead(200, { "Content-Length": 5 });
    // Bytes behind a head that is not sent yet are what node:http counts as pending.
    response?.write(Buffer.from("bytes"));
    await setImmediate();
    response?.end();
  }
  assert.ok(parsed() < 7_000, `${parsed()} were read`);
});

test("a request whose body is to come is read on when its turn comes", async (t) => {
  const { client, open, text, next } = await stage(t);
  client.write(`${requests(100)}POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n`);
  for (let i = 0; i < 100; i++) {
    await next();
    open.shift()?.end();
  }
  await next();
  const last = open.shift();
  client.write("hello");
  assert.ok(last);
  for await (const piece of last.req) assert.equal(String(piece), "hello");
  last.end("whole;");
  while (!text().includes("whole;")) await once(client, "data");
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
