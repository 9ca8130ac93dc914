import { isLoopback } from "../config/address.ts";
import type { Config, PoolConfig, RouteConfig } from "../config/config.ts";
import { concurrencyText, isPlain, mostAtOnce, textOfTarget } from "../config/overview.ts";
import { VERSION } from "../lib/version.ts";
import { table } from "./table.ts";

/** What was started, as far as the configuration does not tell. */
export interface Started {
  /** Where it really listens. */
  readonly url: string;
  readonly keys: number;
  /** Whether the dashboard and the page of the API are built. */
  readonly hasPages: boolean;
}

/** What was started, for people. */
export function banner(config: Config, { url, keys, hasPages }: Started): string {
  const base = reachable(url) + config.controlPrefix;
  const lines = [
    `Headgate ${VERSION}`,
    `  listens on   ${url}`,
    ...destinations(config),
    `  keeps tasks  ${config.store === "memory" ? "in memory: they are lost when this process ends" : `in ${config.dataDir}`}`,
    ...(isPlain(config) ? [`  sends        ${concurrencyText(config)}`] : []),
    `  dashboard    ${hasPages ? `${base}/dashboard` : "not built: ./start.sh install does that"}`,
    ...(hasPages ? [`  API          ${base}/docs`] : []),
    `  keys         ${keys === 0 ? "none: whoever reaches it may do everything" : keys}`,
  ];
  return [
    ...lines,
    ...(keys > 0 || isLoopback(config.listenHost) ? [] : [exposed(config.listenHost, url)]),
  ].join("\n");
}

/** An address that a browser on this machine can open. */
function reachable(url: string): string {
  return url.replace(/^http:\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, "http://localhost");
}

const MOST_ROUTES = 8;

function destinations(config: Config): readonly string[] {
  if (isPlain(config)) return config.pools.flatMap(urls).map((url) => `  forwards to  ${url}`);
  const { routes } = config;
  const shown = routes.length > MOST_ROUTES ? routes.slice(0, MOST_ROUTES) : routes;
  const rows = table(shown.map((route) => routeCells(route, config))).split("\n");
  const rest = routes.length - shown.length;
  return [...rows, ...(rest === 0 ? [] : [`and ${rest} more`])].map((row) => `  ${row}`);
}

function routeCells({ paths, methods, hosts, lane }: RouteConfig, { pools }: Config): string[] {
  const pool = pools.find(({ name }) => name === lane.pool);
  const [first = "", ...others] = pool === undefined ? [] : urls(pool);
  const where = [...methods, ...hosts, ...(paths.length === 0 ? ["/**"] : paths)].join(" ");
  const most = mostAtOnce(lane);
  const limit = most === "auto" ? most : `up to ${most}`;
  return [lane.name, where, `→ ${first}${others.length === 0 ? "" : ` +${others.length}`}`, limit];
}

function urls({ targets }: PoolConfig): readonly string[] {
  return targets.map(textOfTarget);
}

function exposed(listenHost: string, url: string): string {
  const everywhere = listenHost === "0.0.0.0" || listenHost === "::";
  const reach = everywhere ? `this machine's port ${new URL(url).port || "80"}` : url;
  return `
  WARNING: there are no keys: anyone who can reach ${reach} can submit, read, cancel and delete tasks.
           Listen on this machine alone with --listen-host 127.0.0.1, or let a firewall or proxy decide who may connect.
`;
}
