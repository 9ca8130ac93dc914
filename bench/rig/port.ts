import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { until } from "./client.ts";
import type { RunningProcess } from "./process.ts";

// Below the range from which the kernel takes ports for connections and for listen(0): those of other programs.
const firstPort = 20_000;
const lastPort = 32_000;

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const port = randomInt(firstPort, lastPort);
  return (await isFree(port)) ? port : freePort();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export async function untilListening(port: number, owner: RunningProcess): Promise<void> {
  await until(
    () => {
      owner.assertRunning();
      return isListening(port);
    },
    20_000,
    `port ${port}`,
  );
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket
      .on("connect", () => resolve(true))
      .on("error", () => resolve(false))
      .on("connect", () => socket.destroy());
  });
}
