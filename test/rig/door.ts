// Stands before a gateway and lets everything through, so that a test can wait for what a foreign program has asked.

import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import type { Owner } from "./gateway.ts";
import { patiently } from "./patience.ts";

export interface Door {
  readonly url: URL;
  /** Resolves when the answer to a GET of such a path has begun. */
  answering(path: RegExp): Promise<void>;
}

export async function startDoor(owner: Owner, gateway: URL): Promise<Door> {
  const answered: string[] = [];
  let changed = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const onward = httpRequest(
      new URL(url, gateway),
      { method, headers: { ...headers, host: gateway.host }, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers).flushHeaders();
        answer.on("error", () => response.destroy()).pipe(response);
        answered.push(`${method} ${url}`);
        changed.resolve();
        changed = Promise.withResolvers();
      },
    );
    onward.on("error", () => response.destroy());
    response.once("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async answering(path) {
      while (!answered.some((each) => each.startsWith("GET ") && path.test(each))) {
        await patiently(
          changed.promise,
          () => `an answer to GET ${path}. There were ${answered.join(", ")}.`,
        );
      }
    },
  };
}
