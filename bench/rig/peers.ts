import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./port.ts";
import { launch } from "./process.ts";
import type { Subject } from "./subject.ts";
import { flagList, queueSize, startServer } from "./subject.ts";

export const bare: Subject = {
  key: "bare",
  label: "(a) bare node:http",
  endToEndTasks: 0,
  start: ({ folder }) => startServer(folder, "/", (port) => nodePeer("bare.ts", port)),
};

export const relay: Subject = {
  key: "relay",
  label: "(b) node relay, in memory",
  endToEndTasks: 60_000,
  start: ({ folder, targetUrl, concurrency }) =>
    startServer(folder, "/stats", (port) => nodePeer("relay.ts", port, targetUrl, concurrency)),
};

export const fastapi: Subject = {
  key: "fastapi",
  label: "(c) FastAPI + httpx, in memory",
  endToEndTasks: 8_000,
  start({ folder, targetUrl, concurrency }) {
    const { hostname, port: targetPort } = new URL(targetUrl);
    return startServer(folder, "/stats", (port) => {
      const flags = {
        "target-host": hostname,
        "target-port": targetPort,
        "listen-host": "127.0.0.1",
        "listen-port": port,
        "max-concurrent": concurrency,
        "num-workers": concurrency,
        "max-queue-size": queueSize,
      };
      return ["/usr/bin/python3", peerFile("fastapi_relay.py"), ...flagList(flags)];
    });
  },
};

export const bullmq: Subject = {
  key: "bullmq",
  label: "(d) Fastify + BullMQ + Redis",
  endToEndTasks: 30_000,
  async start({ folder, targetUrl, concurrency }) {
    const redisPort = await freePort();
    mkdirSync(folder, { recursive: true });
    const flags = {
      port: redisPort,
      bind: "127.0.0.1",
      dir: folder,
      save: "",
      appendonly: "yes",
      appendfsync: "everysec",
    };
    const redis = launch("/usr/bin/redis-server", flagList(flags), { log: join(folder, "redis.log") });
    const peer = await startServer(folder, "/stats", (port) =>
      nodePeer("bullmq_relay.ts", port, targetUrl, concurrency, redisPort),
    );
    return { ...peer, stop: () => peer.stop().then(() => redis.stop()) };
  },
};

function nodePeer(file: string, ...args: readonly (string | number)[]): string[] {
  return [process.execPath, peerFile(file), ...args.map(String)];
}

function peerFile(name: string): string {
  return fileURLToPath(new URL(`../peers/${name}`, import.meta.url));
}
