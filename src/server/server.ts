import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { toError } from "../lib/error.ts";
import { createApp } from "./app.ts";

export interface RunningServer {
  /** Where it really listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** How many keys there are; without any, everybody may call. */
  readonly keys: number;
  /** Whether the dashboard and the page of the API are built. */
  readonly hasPages: boolean;
  /** Puts another configuration into force; answers the names of options that differ and need a restart for that. */
  reload(config: Config): Promise<readonly string[]>;
  /** Takes nothing new, lets running attempts finish, hands the rest back, closes. The second call is the first. */
  stop(): Promise<void>;
  /** Resolves when the disk fails: what is on it is unknown, and the process must end without promising more. */
  readonly failed: Promise<Error>;
}

/** Starts a whole node: ready for requests when it resolves. */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const app = await createApp(config, log);
  try {
    await listen(app.edge, config);
    await app.start();
  } catch (thrown) {
    await app.stop();
    throw toError(thrown);
  }
  let stopping: Promise<void> | undefined;
  return {
    url: urlOf(app.edge),
    keys: app.keys(),
    hasPages: await app.hasPages(),
    reload: app.reload,
    stop: () => (stopping ??= app.stop()),
    failed: app.failed,
  };
}

function listen(edge: Server, { listenHost, listenPort }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(explained(error, `${listenHost}:${listenPort}`));
    edge.once("error", fail);
    edge.listen(listenPort, listenHost, () => {
      edge.off("error", fail);
      resolve();
    });
  });
}

/** What to do about an address that cannot be listened on. */
function explained(error: NodeJS.ErrnoException, address: string): Error {
  const advice = ADVICE.get(error.code ?? "");
  return advice === undefined ? error : new Error(`${address} ${advice}`, { cause: error });
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "is in use already; choose another port with --listen-port"],
  ["EADDRNOTAVAIL", "is no address of this machine; name one with --listen-host"],
  ["EACCES", "may not be used by this user; choose a port from 1024 on with --listen-port"],
]);

function urlOf(edge: Server): string {
  const { address, port, family } = edge.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
