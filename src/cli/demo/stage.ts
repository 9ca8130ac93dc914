import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Headgate } from "../../../client/client.ts";
import { loadConfig } from "../../config/load.ts";
import { createLog } from "../../server/log.ts";
import { startServer } from "../../server/server.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { type Service, startService } from "./service.ts";

/** The whole of a demo: a service with two instances, a webhook receiver, and the real Headgate between. */
export interface Stage {
  readonly url: string;
  readonly headgate: Headgate;
  readonly services: readonly Service[];
  readonly receiver: Receiver;
  /** Stops all of it and removes its data. */
  close(): Promise<void>;
}

const USUAL_PORT = 8080;

export async function setStage(locale: "en" | "zh"): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const services = [await startService(), await startService()];
  const receiver = await startReceiver(secret);
  opening.defer(() => {
    for (const each of [...services, receiver]) each.close();
  });
  const folder = await mkdtemp(join(tmpdir(), "headgate-demo-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "headgate.yaml");
  const port = (await isFree(USUAL_PORT)) ? USUAL_PORT : 0;
  await writeFile(file, configuration({ folder, port, locale, secret, services, receiver }));
  const { config } = loadConfig({
    flags: new Map([["config", file]]),
    environment: {},
    cwd: folder,
    terminal: false,
  });
  const server = await startServer(config, createLog(config));
  opening.defer(server.stop);
  const open = opening.move();
  return {
    url: server.url,
    headgate: new Headgate(server.url),
    services,
    receiver,
    close: () => open.disposeAsync(),
  };
}

interface Parts extends Pick<Stage, "services" | "receiver"> {
  readonly folder: string;
  readonly port: number;
  readonly locale: "en" | "zh";
  readonly secret: string;
}

/** A file as somebody would write it. JSON strings are YAML strings. */
function configuration({ folder, port, locale, secret, services, receiver }: Parts): string {
  const urls = services.map(({ url }) => url).join(", ");
  return `listen_host: 127.0.0.1
listen_port: ${port}
data_dir: ${JSON.stringify(join(folder, "data"))}
locale: ${locale}
log_level: silent
drain_timeout: 1s
long_task_threshold: 3s
max_queue_size: 1000
targets:
  service:
    urls: [${urls}]
    balance: least_busy
    health: { path: /health, interval: 2s }
    circuit: { failures: 0 }
    retry_budget: 100%
routes:
  - { name: reports, match: /api/reports/**, target: service, max_concurrent: 4 }
  - { name: flaky, match: /api/flaky, target: service, retry: { attempts: 5, backoff: { initial: 300ms, max: 1s } } }
  - { name: prices, match: /api/prices/**, target: service, cache: { ttl: 1m } }
  - { name: tiny, match: /api/tiny, target: service, max_concurrent: 1, queue: 2 }
  - { name: everything, match: /**, target: service, max_concurrent: 8, retry: off }
webhooks:
  secret: ${secret}
  allow: [127.0.0.0/8]
  endpoints:
    desk: { url: ${receiver.url}, on: [failed] }
alerts:
  - { name: many-failures, when: { failure_rate: { above: 40%, window: 1m, at_least: 10 } }, notify: desk }
`;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
