import { suggest } from "../lib/suggest.ts";
import { type AnswerPolicy, DEFAULT_POLICY } from "../task/decide.ts";
import { type Rate, workersFor } from "../task/lane.ts";
import type { CacheConfig, Config, LaneConfig, PoolConfig, RouteConfig } from "./config.ts";
import { isCatchAll, nameOfRoute } from "./pattern.ts";
import { nowhere, type Place } from "./place.ts";
import { lonePool } from "./pools.ts";
import { didYouMean, shown } from "./problem.ts";
import type { WrittenRetry } from "./retry-fields.ts";
import { ROUTE_SHAPE, type WrittenCache, type WrittenRoute } from "./route-fields.ts";
import { type Found, valuesOf } from "./shape.ts";

/** Options that routes go by where they say nothing themselves. */
export const INHERITED: readonly InheritedField[] = Object.freeze([
  "maxConcurrent",
  "maxQueueSize",
  "numWorkers",
  "taskTimeoutMs",
  "maxAttempts",
  "retentionMs",
]);

export type Inherited = Pick<Config, InheritedField>;

type InheritedField =
  | "maxConcurrent"
  | "maxQueueSize"
  | "numWorkers"
  | "taskTimeoutMs"
  | "maxAttempts"
  | "retentionMs";

export interface RouteContext {
  readonly options: Inherited;
  /** Names of targets in the file, right or wrong. */
  readonly poolNames: readonly string[];
  /** The pool of routes that name none; null when it is open which that would be. */
  readonly defaultPool: string | null;
  /** What the route to the target of the options is called; null when they name none. */
  readonly catchAll: string | null;
}

export interface ReadRoutes {
  readonly routes: readonly RouteConfig[];
  /** Pools of routes that name a URL. */
  readonly pools: readonly PoolConfig[];
}

/** A route with the name that it has or gets. */
interface Named extends Found<WrittenRoute> {
  readonly name: string;
}

/** The routes of the file. */
export function routesOf(written: readonly Found<WrittenRoute>[], context: RouteContext): ReadRoutes {
  const named = written.map(({ place, value }) => ({ place, value, name: value.name ?? madeName(value) }));
  refuseRepeatedMatches(named.filter(isSure));
  refuseRepeatedNames(named.filter(isSure));
  if (!written.some(({ value }) => isForAll(value))) refuseName(context.catchAll, named.filter(isSure));
  const pools: PoolConfig[] = [];
  const routes = named.map(({ place, value, name }) => {
    const pool = poolFor(value, name, place, context);
    if (value.target instanceof URL) pools.push(lonePool(name, value.target));
    return routeOf(value, name, pool, place, context.options);
  });
  return { routes, pools };
}

/** What a target of the options gets: all that no other route matches. */
export function catchAllRoute(pool: string, options: Inherited): RouteConfig {
  const place = nowhere({ match: "/**" });
  const written = ROUTE_SHAPE.read(place);
  if (written === undefined) throw new TypeError("Routes have required fields.");
  return { ...routeOf(written, "default", pool, place, options), paths: [] };
}

/** Whether no request is left for another route. */
export function matchesAll({ paths, methods, hosts }: Omit<RouteConfig, "lane">): boolean {
  return methods.length === 0 && hosts.length === 0 && paths.some(isCatchAll);
}

function isForAll({ match, methods, hosts }: WrittenRoute): boolean {
  return matchesAll({ paths: valuesOf(match), methods: valuesOf(methods), hosts: valuesOf(hosts) });
}

function isSure({ place }: Pick<Named, "place">): boolean {
  return !["match", "methods", "hosts", "name"].some((key) => place.at(key).isWrong);
}

function madeName({ match, methods, hosts }: WrittenRoute): string {
  return nameOfRoute(valuesOf(match), valuesOf(methods), valuesOf(hosts));
}

function refuseRepeatedNames(routes: readonly Named[]): void {
  const firstOf = new Map<string, Place>();
  for (const { place, value, name } of routes) {
    const first = firstOf.get(name);
    if (first === undefined) {
      firstOf.set(name, place);
      continue;
    }
    const other = `${first.name} (${first.where})`;
    if (value.name !== null) place.at("name").wrong(`is also the name of ${other}`);
    else place.at("match").wrong(`makes the name ${name}, which ${other} has; give one of them a \`name\``);
  }
}

/** Two routes of one name would be one lane, and what no route matches would have none. */
function refuseName(taken: string | null, routes: readonly Named[]): void {
  const why = "the name of the route to the target of the options";
  for (const { place, value, name } of routes) {
    if (name !== taken) continue;
    if (value.name === null) place.at("match").wrong(`makes ${why}, ${name}; give it another \`name\``);
    else place.at("name").wrong(`is ${why}; choose another, or match everything`);
  }
}

function refuseRepeatedMatches(routes: readonly Named[]): void {
  const firstOf = new Map<string, Named>();
  for (const route of routes) {
    const { place, value } = route;
    const paths = valuesOf(value.match).map((path) => (isCatchAll(path) ? "/**" : path));
    const key = JSON.stringify(
      [paths, valuesOf(value.methods), valuesOf(value.hosts)].map((list) => [...new Set(list)].toSorted()),
    );
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, route);
    else {
      const other = `${first.name} matches (${first.place.name}, ${first.place.where})`;
      place.at("match").wrong(`matches exactly what ${other}`);
    }
  }
}

function poolFor({ target }: WrittenRoute, name: string, place: Place, context: RouteContext): string {
  const { poolNames, defaultPool } = context;
  const known = shown(poolNames.join(", ") || "none");
  const at = place.at("target");
  if (target instanceof URL) {
    if (poolNames.includes(name) && isSure({ place })) {
      at.wrong(
        `would be named ${name} like its route, as other targets are; give the route another \`name\``,
      );
    }
    return name;
  }
  if (target === null) {
    if (defaultPool === null && !at.isWrong) at.wrong(`is required: a URL, or one of \`targets\` (${known})`);
    return defaultPool ?? "";
  }
  if (!poolNames.includes(target)) {
    at.wrong(`is not among the \`targets\` (${known})${didYouMean(suggest(target, poolNames))}`);
  }
  return target;
}

function routeOf(
  written: WrittenRoute,
  name: string,
  pool: string,
  place: Place,
  options: Inherited,
): RouteConfig {
  return {
    paths: valuesOf(written.match),
    methods: [...new Set(valuesOf(written.methods))],
    hosts: [...new Set(valuesOf(written.hosts))],
    lane: laneOf(written, name, pool, place, options),
  };
}

function laneOf(
  written: WrittenRoute,
  name: string,
  pool: string,
  place: Place,
  options: Inherited,
): LaneConfig {
  return {
    name,
    pool,
    maxConcurrent: written.max_concurrent ?? options.maxConcurrent,
    workers: workersOf(written.max_concurrent, options),
    maxQueueSize: written.queue ?? options.maxQueueSize,
    rate: rateOf(written, place),
    timeoutMs: written.timeout ?? options.taskTimeoutMs,
    startWithinMs: written.start_within,
    maxAttempts: written.retry === "off" ? 1 : (written.retry.attempts ?? options.maxAttempts),
    policy: policyOf(written, place.at("retry")),
    idempotent: written.idempotent,
    waitMs: written.wait,
    onCancel: written.on_cancel,
    keyIn: written.key_header,
    cache: cacheOf(written.cache),
    priority: written.priority,
    retentionMs: written.retention ?? options.retentionMs,
  };
}

/** `--num-workers` is for routes that leave their pace to the options. */
function workersOf(maxConcurrent: number | "auto" | null, { numWorkers }: Inherited): number {
  return maxConcurrent === null ? numWorkers : workersFor(maxConcurrent);
}

function rateOf({ rate, burst }: WrittenRoute, place: Place): Rate | null {
  if (rate === null && burst !== null && !place.at("rate").isWrong) {
    place.at("burst").wrong("needs a `rate`");
  }
  return rate === null ? null : { ...rate, burst: burst ?? rate.burst };
}

function policyOf({ fail_on: failOn, retry }: WrittenRoute, place: Place): AnswerPolicy {
  return {
    failOn: new Set(valuesOf(failOn).flat()),
    retry: retry === "off" ? DEFAULT_POLICY.retry : retryOf(retry, place),
  };
}

function retryOf(
  { on, backoff: { initial, max, jitter } }: WrittenRetry,
  place: Place,
): AnswerPolicy["retry"] {
  if (max !== null && max < initial) {
    place.at("backoff").at("max").wrong("must not be shorter than `initial`");
  }
  const { longestRetryAfterMs, backoff } = DEFAULT_POLICY.retry;
  return {
    on: new Set(valuesOf(on)),
    backoff: { initialMs: initial, maxMs: max ?? Math.max(backoff.maxMs, initial), jitter },
    longestRetryAfterMs,
  };
}

function cacheOf(written: WrittenCache | boolean): CacheConfig | null {
  if (written === false) return null;
  if (written === true) return { defaultTtlMs: null, coalesce: true };
  return { defaultTtlMs: written.ttl === "from_headers" ? null : written.ttl, coalesce: written.coalesce };
}
