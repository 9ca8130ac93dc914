import { isLoopback } from "../config/address.ts";
import type { Config } from "../config/config.ts";
import { VERSION } from "../lib/version.ts";

/** What was started, for people. `url` is where it really listens. */
export function banner(config: Config, url: string): string {
  const lines = [
    `Headgate ${VERSION}`,
    `  listens on   ${url}`,
    ...targets(config),
    `  keeps tasks  ${config.store === "memory" ? "in memory: they are lost when this process ends" : `in ${config.dataDir}`}`,
    `  sends        ${concurrency(config)}`,
  ];
  return [...lines, ...(isLoopback(config.listenHost) ? [] : [exposed(config.listenHost, url)])].join("\n");
}

function targets({ pools }: Config): readonly string[] {
  return pools.flatMap(({ targets }) =>
    targets.map(
      ({ url: { origin, pathname } }) => `  forwards to  ${origin}${pathname === "/" ? "" : pathname}`,
    ),
  );
}

function concurrency({ maxConcurrent, numWorkers }: Config): string {
  if (numWorkers >= maxConcurrent) return `up to ${maxConcurrent} at once (--max-concurrent)`;
  return `up to ${numWorkers} at once: --num-workers ${numWorkers} is below --max-concurrent ${maxConcurrent}: this node runs ${numWorkers} at once`;
}

function exposed(listenHost: string, url: string): string {
  const everywhere = listenHost === "0.0.0.0" || listenHost === "::";
  const reach = everywhere ? `this machine's port ${new URL(url).port || "80"}` : url;
  return `
  WARNING: there are no keys: anyone who can reach ${reach} can submit, read, cancel and delete tasks.
           Listen on this machine alone with --listen-host 127.0.0.1, or let a firewall or proxy decide who may connect.
`;
}
