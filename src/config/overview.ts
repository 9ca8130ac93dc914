import { formatDuration } from "../lib/quantity.ts";
import { formatRate } from "../task/lane.ts";
import type { Balance, Config, LaneConfig, PoolConfig, RouteConfig, TargetConfig } from "./config.ts";
import { shown } from "./problem.ts";

/** Whether there is nothing to tell that the options do not tell: one target, and one route to it. */
export function isPlain({ routes, pools }: Config): boolean {
  return pools.length === 1 && routes.every(({ paths }) => paths.length === 0);
}

/** What a lane really runs at once. */
export function mostAtOnce({ maxConcurrent, workers }: LaneConfig): number | "auto" {
  return maxConcurrent === "auto" ? "auto" : Math.min(maxConcurrent, workers);
}

/** The same of a plain configuration, and which option it comes from. */
export function concurrencyText({ maxConcurrent, numWorkers }: Config): string {
  if (numWorkers >= maxConcurrent) return `up to ${maxConcurrent} at once (--max-concurrent)`;
  return `up to ${numWorkers} at once (--num-workers; --max-concurrent is ${maxConcurrent})`;
}

export type Rows = readonly (readonly string[])[];

/** The routes in words, below a row of headings. */
export function routeRows({ routes }: Config): Rows {
  const head = [
    "route",
    "match",
    "methods",
    "hosts",
    "targets",
    "at once",
    "rate",
    "queue",
    "timeout",
    "start_within",
    "attempts",
    "wait",
    "cache",
    "priority",
    "retention",
  ];
  return [head, ...routes.map(routeCells)];
}

function routeCells({ paths, methods, hosts, lane }: RouteConfig): string[] {
  return [
    lane.name,
    paths.join(",") || "/**",
    orDash(methods.join(",")),
    orDash(hosts.join(",")),
    lane.pool,
    String(mostAtOnce(lane)),
    lane.rate === null ? "-" : formatRate(lane.rate),
    String(lane.maxQueueSize),
    formatDuration(lane.timeoutMs),
    lane.startWithinMs === null ? "-" : formatDuration(lane.startWithinMs),
    String(lane.maxAttempts),
    formatDuration(lane.waitMs),
    lane.cache === null ? "-" : "yes",
    String(lane.priority),
    formatDuration(lane.retentionMs),
  ];
}

/** The same for all targets. */
export function targetRows({ pools }: Config): Rows {
  const rows = pools.flatMap((pool) => pool.targets.map((target) => targetCells(pool, target)));
  const head = ["targets", "url", "weight", "max_concurrent", "balance", "health", "circuit", "retry_budget"];
  return [head, ...rows];
}

function targetCells(
  { name, balance, health, circuit, retryBudget }: PoolConfig,
  target: TargetConfig,
): string[] {
  return [
    name,
    textOfTarget(target),
    String(target.weight),
    target.maxConcurrent === null ? "-" : String(target.maxConcurrent),
    balanceText(balance),
    health === null ? "-" : `${health.path} every ${formatDuration(health.intervalMs)}`,
    circuit.failures === 0 ? "-" : `after ${circuit.failures} for ${formatDuration(circuit.openMs)}`,
    `${Number((retryBudget * 100).toFixed(2))}%`,
  ];
}

/** The same for clients that have other than an equal share. */
export function clientRows({ weights }: Config): Rows {
  return [["client", "weight"], ...[...weights].map(([name, weight]) => [shown(name), String(weight)])];
}

function balanceText(balance: Balance): string {
  if (balance.by !== "hash") return balance.by;
  return `hash by ${balance.key === "path" ? "path" : `header:${balance.key.header}`}`;
}

/** `http://10.0.0.1:8000/base` */
export function textOfTarget({ url: { origin, pathname } }: TargetConfig): string {
  return origin + (pathname === "/" ? "" : pathname);
}

function orDash(text: string): string {
  return text === "" ? "-" : text;
}
