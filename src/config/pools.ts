import type { Balance, CircuitConfig, HealthConfig, PoolConfig, TargetConfig } from "./config.ts";
import { nowhere, type Place } from "./place.ts";
import type { Found } from "./shape.ts";
import {
  POOL_SHAPE,
  type WrittenCircuit,
  type WrittenHealth,
  type WrittenPool,
  type WrittenTarget,
} from "./target-fields.ts";

type Written = WrittenPool | readonly Found<WrittenTarget>[];

/** The targets of the file. */
export function poolsOf(written: readonly Found<Written>[]): readonly PoolConfig[] {
  return written.map(({ place, value }) => poolOf(place.key, toFields(value), place));
}

/** A target of which nothing but its URL is known. */
export function lonePool(name: string, url: URL): PoolConfig {
  const place = nowhere(url.href);
  const written = POOL_SHAPE.read(place);
  if (written === undefined) throw new TypeError(`${url.href} is no base URL.`);
  return poolOf(name, toFields(written), place);
}

/** URLs alone have the defaults of everything else. */
function toFields(written: Written): WrittenPool {
  if (!isUrls(written)) return written;
  const defaults = POOL_SHAPE.read(nowhere({ urls: "http://default" }));
  if (defaults === undefined || isUrls(defaults)) throw new TypeError("Targets have required fields.");
  return { ...defaults, urls: written };
}

function isUrls(written: Written): written is readonly Found<WrittenTarget>[] {
  return Array.isArray(written);
}

function poolOf(name: string, written: WrittenPool, place: Place): PoolConfig {
  refuseRepeated(written.urls);
  return {
    name,
    targets: written.urls.map(({ value }) => targetOf(value, written.max_concurrent)),
    balance: balanceOf(written, place),
    health: written.health === null ? null : healthOf(written.health),
    circuit: circuitOf(written.circuit, place.at("circuit")),
    retryBudget: written.retry_budget,
  };
}

function refuseRepeated(urls: readonly Found<WrittenTarget>[]): void {
  const firstOf = new Map<string, Place>();
  for (const { place, value } of urls) {
    const { href } = value instanceof URL ? value : value.url;
    const first = firstOf.get(href);
    if (first === undefined) firstOf.set(href, place);
    else
      place.wrong(`is the same URL as ${first.name}; give it once, with a \`weight\` if it should get more`);
  }
}

function targetOf(written: WrittenTarget, maxConcurrent: number | null): TargetConfig {
  if (written instanceof URL) return { url: written, weight: 1, maxConcurrent };
  return { url: written.url, weight: written.weight, maxConcurrent: written.max_concurrent ?? maxConcurrent };
}

function balanceOf({ balance: by, hash_by: key }: WrittenPool, place: Place): Balance {
  if (by === "hash") return { by, key: key ?? "path" };
  if (key !== null) place.at("hash_by").wrong(`has no meaning with \`balance: ${by}\`; only with hash`);
  return { by };
}

function healthOf(written: WrittenHealth): HealthConfig {
  return {
    path: written.path,
    intervalMs: written.interval,
    timeoutMs: written.timeout,
    unhealthyAfter: written.unhealthy_after,
    healthyAfter: written.healthy_after,
  };
}

const MAX_OPEN_MS = 60_000;

function circuitOf({ failures, open, max_open: maxOpen }: WrittenCircuit, place: Place): CircuitConfig {
  if (maxOpen !== null && maxOpen < open) place.at("max_open").wrong("must not be shorter than `open`");
  return { failures, openMs: open, maxOpenMs: maxOpen ?? Math.max(MAX_OPEN_MS, open) };
}
