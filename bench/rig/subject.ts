import { join } from "node:path";
import { read, until } from "./client.ts";
import { freePort } from "./port.ts";
import { launch } from "./process.ts";

/** One of the programs that are compared: Headgate, or a peer. */
export interface Subject {
  readonly key: "headgate" | "bare" | "relay" | "fastapi" | "bullmq";
  readonly label: string;
  /** Tasks of one end-to-end round: enough for some seconds of work. */
  readonly endToEndTasks: number;
  start(options: StartOptions): Promise<RunningSubject>;
}

export interface StartOptions {
  readonly targetUrl: string;
  /** Requests the target may see at once. */
  readonly concurrency: number;
  /** Logs, and whatever the subject keeps on disk. */
  readonly folder: string;
}

export interface RunningSubject {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first answer that says ready. */
  readonly bootMs: number;
  stop(): Promise<void>;
}

/** No measure may end at a full queue. */
export const queueSize = 2_000_000;

const bootLimitMs = 120_000;

/** Starts a server on a free port and waits until `readyPath` is answered with success. */
export async function startServer(
  folder: string,
  readyPath: string,
  command: (port: number) => readonly string[],
): Promise<RunningSubject> {
  const port = await freePort();
  const [program = "", ...args] = command(port);
  const url = `http://127.0.0.1:${port}`;
  const start = performance.now();
  const server = launch(program, args, { log: join(folder, "server.log") });
  const isReady = async (): Promise<boolean> => {
    server.assertRunning();
    const { status } = await read(url + readyPath).catch(() => ({ status: 0 }));
    return status >= 200 && status < 300;
  };
  await until(isReady, bootLimitMs, `${args[0]} ready`);
  return { url, pid: server.pid, bootMs: performance.now() - start, stop: () => server.stop() };
}

export function flagList(flags: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
