import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { ENDPOINTS, type ServiceAnswer, type ServiceCall } from "./endpoints.ts";

/** The service that Headgate stands before in the demo: slow, and not always well. */
export interface DemoService {
  readonly url: string;
  /** Requests whose caller went away before they were answered. */
  readonly left: number;
  /** While true, some of its endpoints answer 500. */
  isBroken: boolean;
  /** Nobody can reach it from here on, until it is plugged in again at the same address. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
}

export async function startService(name: string): Promise<DemoService> {
  let left = 0;
  let port = 0;
  const server = createServer((request, response) => void serve(request, response));
  const service: DemoService = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get left() {
      return left;
    },
    isBroken: false,
    async unplug() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async plugIn() {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      });
      ({ port } = server.address() as AddressInfo);
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      const call = await readCall(request, gone.signal, name, service);
      const endpoint = ENDPOINTS.find(({ path }) => call.path.startsWith(path));
      write(response, endpoint === undefined ? NOT_FOUND : await endpoint.answer(call));
    } catch {
      // Whoever asked has gone: a cancelled task, or a demo that ends.
      left += 1;
      response.destroy();
    }
  }

  await service.plugIn();
  return service;
}

const NOT_FOUND: ServiceAnswer = { status: 404, body: { error: "no such page" } };

async function readCall(
  request: IncomingMessage,
  signal: AbortSignal,
  name: string,
  service: DemoService,
): Promise<ServiceCall> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { headers } = request;
  const { pathname } = new URL(request.url ?? "/", service.url);
  return {
    service: name,
    path: pathname,
    input: parse(Buffer.concat(pieces).toString()),
    attempt: Number(headers["headgate-attempt"] ?? 1),
    isBroken: service.isBroken,
    work: async (ms) => void (await pause(ms, null, { signal })),
    async report(percent, message) {
      // The work goes on whether the report arrives or not.
      await fetch(String(headers["headgate-progress-url"]), {
        method: "PUT",
        headers: {
          "Content-Type": "application/json",
          "Headgate-Progress-Token": String(headers["headgate-progress-token"]),
        },
        body: JSON.stringify({ percent, message }),
        signal,
      }).catch(() => null);
    },
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch {
    return {};
  }
}

function write(response: ServerResponse, { status = 200, headers = {}, body }: ServiceAnswer): void {
  const isBytes = body instanceof Uint8Array;
  response.writeHead(status, { ...(isBytes ? {} : { "Content-Type": "application/json" }), ...headers });
  response.end(isBytes ? body : `${JSON.stringify(body)}\n`);
}
