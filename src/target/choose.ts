import type { Balance } from "../config/config.ts";
import { headerValue } from "../task/header.ts";
import type { StoredRequest } from "../task/task.ts";

/** As much of a target as a choice needs. */
export interface Candidate {
  readonly url: string;
  readonly weight: number;
  readonly inFlight: number;
  /** How much it is behind its share of the turns; smooth round robin's own account. */
  turn: number;
}

/** One of those that are free, or null when none is. */
export type Choose = <T extends Candidate>(
  targets: readonly T[],
  request: Pick<StoredRequest, "path" | "headers">,
  isFree: (target: T) => boolean,
) => T | null;

export function createChoice(balance: Balance, random: () => number): Choose {
  switch (balance.by) {
    case "round_robin":
      return (targets, _request, isFree) => nextInTurn(targets, isFree);
    case "least_busy":
      return (targets, _request, isFree) => leastBusy(targets, isFree);
    case "random_two":
      return (targets, _request, isFree) => betterOfTwo(targets, isFree, random);
    case "hash": {
      const { key } = balance;
      return (targets, request, isFree) => nearest(targets, keyOf(request, key), isFree);
    }
    default:
      return balance satisfies never;
  }
}

/**
 * Smooth weighted round robin, as nginx has it (ngx_http_upstream_round_robin.c): everybody gains its weight, the one
 * that has most goes and pays for all. 5, 1, 1 gives a a b a c a a rather than a a a a a b c.
 */
function nextInTurn<T extends Candidate>(targets: readonly T[], isFree: (target: T) => boolean): T | null {
  let total = 0;
  let chosen: T | null = null;
  for (const target of targets) {
    if (!isFree(target)) continue;
    total += target.weight;
    target.turn += target.weight;
    if (chosen === null || target.turn > chosen.turn) chosen = target;
  }
  if (chosen !== null) chosen.turn -= total;
  return chosen;
}

/** Those that are equally busy take turns. */
function leastBusy<T extends Candidate>(targets: readonly T[], isFree: (target: T) => boolean): T | null {
  let least = Infinity;
  for (const target of targets) if (isFree(target)) least = Math.min(least, load(target));
  return nextInTurn(targets, (target) => load(target) === least && isFree(target));
}

/** The power of two choices (Mitzenmacher 2001): nearly as even as the least busy, and no herd after a change. */
function betterOfTwo<T extends Candidate>(
  targets: readonly T[],
  isFree: (target: T) => boolean,
  random: () => number,
): T | null {
  const one = draw(targets, isFree, random());
  if (one === null) return null;
  const other = draw(targets, (target) => target !== one && isFree(target), random());
  return other !== null && load(other) < load(one) ? other : one;
}

function draw<T extends Candidate>(
  targets: readonly T[],
  isFree: (target: T) => boolean,
  random: number,
): T | null {
  let total = 0;
  for (const target of targets) if (isFree(target)) total += target.weight;
  let left = random * total;
  let latest: T | null = null;
  for (const target of targets) {
    if (!isFree(target)) continue;
    latest = target;
    left -= target.weight;
    if (left < 0) break;
  }
  return latest;
}

function load({ inFlight, weight }: Candidate): number {
  return inFlight / weight;
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; the logarithm makes shares follow the weights): each target
 * gives each key a score, and the highest has it. When one is lost only its own keys move, and they come back with it.
 */
function nearest<T extends Candidate>(
  targets: readonly T[],
  key: string,
  isFree: (target: T) => boolean,
): T | null {
  const keyHash = fnv1a(key, FNV_OFFSET);
  let highest = -Infinity;
  let chosen: T | null = null;
  for (const target of targets) {
    if (!isFree(target)) continue;
    const uniform = (mixed(fnv1a(target.url, keyHash)) + 0.5) / 2 ** 32;
    const score = -target.weight / Math.log(uniform);
    if (score > highest) {
      highest = score;
      chosen = target;
    }
  }
  return chosen;
}

function keyOf({ path, headers }: Pick<StoredRequest, "path" | "headers">, key: HashKey): string {
  const value = key === "path" ? undefined : headerValue(headers, key.header);
  if (value !== undefined) return value;
  const query = path.indexOf("?");
  return query === -1 ? path : path.slice(0, query);
}

type HashKey = Extract<Balance, { readonly by: "hash" }>["key"];

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, 32 bits, over UTF-16 units. Goes on from `hash`. */
function fnv1a(text: string, hash: number): number {
  let mixedIn = hash;
  for (let i = 0; i < text.length; i++) mixedIn = Math.imul(mixedIn ^ text.charCodeAt(i), FNV_PRIME);
  return mixedIn;
}

/** MurmurHash3's finalizer: FNV's high bits hardly depend on the last characters, in which targets tend to differ. */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
