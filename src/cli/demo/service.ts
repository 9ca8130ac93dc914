import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32, deflateSync } from "node:zlib";
import { pause } from "./pause.ts";

/** A service as it is found in the world: slow here, flaky there, with something broken. */
export interface Service {
  readonly url: string;
  /** Requests that it has answered, by path. */
  readonly seen: ReadonlyMap<string, number>;
  close(): void;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Listens on a free port of this machine. */
export async function startService(): Promise<Service> {
  const seen = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = String(request.url).split("?", 1)[0] as string;
    if (path !== "/health") seen.set(path, (seen.get(path) ?? 0) + 1);
    request.resume();
    const [, answer = unknown] = ANSWERS.find(([pattern]) => pattern.test(path)) ?? [];
    Promise.resolve(answer(request, response)).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const ANSWERS: readonly (readonly [RegExp, Answer])[] = [
  [/^\/health$/, (_request, response) => void response.end("ok")],
  [/^\/api\/quick/, (request, response) => after(60 + Math.random() * 240, request, response)],
  [/^\/api\/reports\//, (request, response) => report(request, response, 8, 2_000 + Math.random() * 2_500)],
  // A task of many minutes, in fast-forward.
  [/^\/api\/long/, (request, response) => report(request, response, 20, 5_000)],
  [/^\/api\/flaky/, flaky],
  [/^\/api\/broken/, (_request, response) => json(response, 500, { error: "This part never works." })],
  [/^\/api\/prices\//, prices],
  [/^\/api\/tiny/, (request, response) => after(1_500, request, response)],
  [/^\/api\/image/, image],
  [/^\/api\/large/, large],
];

function unknown(request: IncomingMessage, response: ServerResponse): void {
  json(response, 404, { error: `There is no ${request.url}.` });
}

async function after(ms: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await pause(ms);
  json(response, 200, { path: request.url, took_ms: Math.round(ms) });
}

/** Says how far it is, as a target may: to the URL, and with the token, that came with the request. */
async function report(
  request: IncomingMessage,
  response: ServerResponse,
  pages: number,
  ms: number,
): Promise<void> {
  for (let page = 1; page <= pages && !request.socket.destroyed; page++) {
    await pause(ms / pages);
    await tellProgress(request, { percent: (100 * page) / pages, message: `page ${page} of ${pages}` });
  }
  json(response, 200, { report: request.url, pages });
}

async function tellProgress(
  { headers }: IncomingMessage,
  progress: { readonly percent: number; readonly message: string },
): Promise<void> {
  const url = headers["headgate-progress-url"];
  const token = headers["headgate-progress-token"];
  if (typeof url !== "string" || typeof token !== "string") return;
  await fetch(url, {
    method: "PUT",
    headers: { "Content-Type": "application/json", "Headgate-Progress-Token": token },
    body: JSON.stringify(progress),
    // Work goes on whether or not somebody hears of it.
  }).catch(() => null);
}

/** Too busy at first, twice. */
function flaky({ headers }: IncomingMessage, response: ServerResponse): void {
  if (Number(headers["headgate-attempt"] ?? 1) < 3) {
    response.writeHead(503, { "Content-Type": "application/json" }).end('{"error":"busy"}');
  } else {
    json(response, 200, { ok: true, attempt: Number(headers["headgate-attempt"]) });
  }
}

async function prices(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await pause(700);
  response.setHeader("Cache-Control", "public, max-age=60");
  json(response, 200, { item: request.url, price: Math.round(Math.random() * 10_000) / 100 });
}

async function image(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  await pause(400);
  response.writeHead(200, { "Content-Type": "image/png" }).end(picture(160, 96));
}

async function large(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  await pause(200);
  response.writeHead(200, { "Content-Type": "text/plain" }).end("all work and no play\n".repeat(60_000));
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** A PNG of one gradient (RFC 2083), so that there is a picture to look at. */
function picture(width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows.set([20, 90 + (x * 120) / width, 120 + (y * 120) / height], y * (1 + width * 3) + 1 + x * 3);
    }
  }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", size),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
