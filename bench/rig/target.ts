import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { read } from "./client.ts";
import { freePort, untilListening } from "./port.ts";
import { launch } from "./process.ts";

export interface Target {
  readonly url: string;
  stop(): Promise<void>;
}

export interface CountingTarget extends Target {
  /** Requests it has answered so far, as it counts them itself. */
  served(): Promise<number>;
}

/** What a target saw since it was asked last. */
export interface Seen {
  readonly perSecond: number;
  readonly p95Ms: number;
  readonly mostAtOnce: number;
}

export interface SharingTarget extends Target {
  /** Makes this many requests at once the most that do not slow each other down. */
  change(best: number): Promise<void>;
  seen(): Promise<Seen>;
}

/** nginx, one process, answering 200 to everything: the same for every subject. */
export async function startFastTarget(folder: string): Promise<CountingTarget> {
  const [port, statusPort] = [await freePort(), await freePort()];
  const configuration = join(folder, "nginx.conf");
  mkdirSync(folder, { recursive: true });
  writeFileSync(configuration, nginxConfiguration(folder, port, statusPort));
  const nginx = launch("/usr/sbin/nginx", ["-p", folder, "-c", configuration], {
    log: join(folder, "nginx.log"),
  });
  await untilListening(port, nginx);
  let asked = 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => nginx.stop(),
    async served() {
      const { body } = await read(`http://127.0.0.1:${statusPort}/`);
      asked += 1;
      return Number(/\n \d+ \d+ (\d+)/.exec(body)?.[1]) - asked;
    },
  };
}

/** Takes every request and never answers. */
export function startHangingTarget(folder: string): Promise<Target> {
  return startScript("hanging.ts", folder);
}

/** Counts large uploads and streams large answers. */
export function startBulkyTarget(folder: string): Promise<Target> {
  return startScript("bulky.ts", folder);
}

/** Has a best concurrency, and measures itself. */
export async function startSharingTarget(folder: string): Promise<SharingTarget> {
  const target = await startScript("sharing.ts", folder);
  return {
    ...target,
    async change(best) {
      await read(`${target.url}/capacity`, "PUT", JSON.stringify({ best, contention: 0.2 }));
    },
    seen: async () => JSON.parse((await read(`${target.url}/measured`)).body) as Seen,
  };
}

async function startScript(file: string, folder: string): Promise<Target> {
  const port = await freePort();
  const script = fileURLToPath(new URL(`../targets/${file}`, import.meta.url));
  const target = launch(process.execPath, [script, String(port)], { log: join(folder, `${file}.log`) });
  await untilListening(port, target);
  return { url: `http://127.0.0.1:${port}`, stop: () => target.stop() };
}

function nginxConfiguration(folder: string, port: number, statusPort: number): string {
  return `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  default_type application/json;
  server { listen 127.0.0.1:${port}; location / { return 200 '{"success":true,"result":"done"}'; } }
  server { listen 127.0.0.1:${statusPort}; location / { stub_status; } }
}
`;
}
