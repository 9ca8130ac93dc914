import { createHash, createHmac } from "node:crypto";
import { headerValue } from "../task/header.ts";
import type { RawHeaders, StoredRequest } from "../task/task.ts";
import { forwardableHeaders } from "./headers.ts";

/** Where a request's answer is kept and looked for. */
export interface CacheKey {
  /**
   * Stands where undici has the origin: the URL, its generation, and a digest of every field that may say who asks or
   * where, so that whoever differs in one of them has a cache of its own.
   */
  readonly partition: string;
  /** Credentials were given: this partition is a private cache (RFC 9111 1), that of one user. */
  readonly isPrivate: boolean;
  /** Fields by which the target may choose between several answers: `Vary` says which of them matter. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** Fields of one request, not of what it asks for. They keep no two requests apart unless the answer's `Vary` does. */
export const OF_ONE_REQUEST: readonly string[] = [
  "b3", // Zipkin
  "baggage", // W3C Baggage
  "date", // RFC 9110 6.6.1
  "forwarded", // RFC 7239; its host and scheme are in X-Forwarded-Host and X-Forwarded-Proto, too
  "max-forwards", // RFC 9110 7.6.2
  "traceparent", // W3C Trace Context
  "tracestate",
  "via", // RFC 9110 7.6.3
  "x-amzn-trace-id",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-spanid",
  "x-b3-traceid",
  "x-correlation-id",
  "x-forwarded-for",
  "x-real-ip",
  "x-request-id",
];

/** What a client prefers and is: no reason for an answer of its own unless `Vary` names it (RFC 9111 4.1). */
const PREFERENCES: readonly string[] = [
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "dnt",
  "pragma",
  "priority",
  "referer",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-fetch-user",
  "sec-gpc",
  "upgrade-insecure-requests",
  "user-agent",
];

/** Every field that is in neither list counts as one that may decide what somebody is allowed to see. */
const SELECTING: ReadonlySet<string> = new Set([...OF_ONE_REQUEST, ...PREFERENCES]);

/** A target may build links from these and answer by them: unkeyed, one client chooses them for all (cache poisoning). */
const AUTHORITY: ReadonlySet<string> = new Set([
  "host",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-proto",
]);

/** Names of fields that carry credentials; wider than needed costs a shared answer, narrower nobody's secret. */
const CREDENTIAL = /auth|token|cookie|secret|session|credential|signature|jwt|api-?key|headgate-key/;

/** What makes the answer to a request with these fields one for its client alone (RFC 9110 13.1, 14.2). */
const CONDITIONS: readonly string[] = [
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "range",
];

/** A URL as the cache has it: its answers are those of certain targets. `identity` is what the pool leads to. */
export function cachedUrl(pool: string, identity: string, path: string): string {
  return digest(pool, identity, path);
}

export interface CacheKeys {
  keyOf(request: StoredRequest, url: string, generation: string): CacheKey;
  /** Where a request's client and everybody are likely to have answers kept. */
  likelyPartitions(request: StoredRequest, url: string, generation: string): ReadonlySet<string>;
}

export interface CacheKeysSettings {
  /** Of this cache alone: whoever gets hold of its file cannot try out which password a partition belongs to. */
  readonly key: Buffer;
  /** Whether a field is a secret, by its name in any case. */
  readonly isSecret: (name: string) => boolean;
}

export function createCacheKeys({ key, isSecret }: CacheKeysSettings): CacheKeys {
  const isCredential = ({ name }: Field): boolean => CREDENTIAL.test(name) || isSecret(name);

  /** Credentials stand in no file of the cache. */
  function partition(url: string, generation: string, fields: readonly Field[]): string {
    const who = JSON.stringify([generation, ...fields.flatMap(({ name, value }) => [name, value])]);
    return [url, generation, createHmac("sha256", key).update(who).digest("base64url")].join(SEPARATOR);
  }

  return {
    keyOf({ headers: raw }, url, generation) {
      const headers = Object.create(null) as Record<string, string | string[]>;
      const identifying: Field[] = [];
      for (const field of fieldsOf(raw)) {
        // undici keeps the values of those that `Vary` names.
        if (SELECTING.has(field.name) && !isSecret(field.name)) addField(headers, field.name, field.value);
        else identifying.push(field);
      }
      return {
        partition: partition(url, generation, identifying),
        isPrivate: identifying.some(isCredential),
        headers,
      };
    },
    likelyPartitions({ headers }, url, generation) {
      const fields = fieldsOf(headers).filter((field) => AUTHORITY.has(field.name) || isCredential(field));
      const everybodys = fields.filter(({ name }) => AUTHORITY.has(name));
      return new Set([partition(url, generation, fields), partition(url, generation, everybodys)]);
    },
  };
}

/** Why the cache has no part in this request, in the words of RFC 9211 2.2; null when it has. */
export function reasonToBypass({ headers, body }: StoredRequest): "request" | "bypass" | null {
  if (headerValue(headers, "headgate-cache") !== undefined) return "request";
  const control = headerValue(headers, "cache-control");
  if (control !== undefined && /\bno-store\b/i.test(control)) return "request";
  // A body is no part of any key.
  if (body.kind !== "empty") return "bypass";
  return CONDITIONS.some((name) => headerValue(headers, name) !== undefined) ? "bypass" : null;
}

/** Adds a field to a record by lower-case names, as undici has them. */
export function addField(record: Record<string, string | string[]>, name: string, value: string): void {
  const before = record[name];
  record[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
}

interface Field {
  readonly name: string;
  readonly value: string;
}

/** What the target gets to see, sorted, and Headgate's own key, which it does not. Names are lower case. */
function fieldsOf(headers: RawHeaders): readonly Field[] {
  const forwarded = forwardableHeaders(headers, true);
  const key = headerValue(headers, "headgate-key");
  if (key !== undefined) forwarded.push("headgate-key", key);
  const fields: Field[] = [];
  for (let i = 0; i + 1 < forwarded.length; i += 2) {
    fields.push({ name: (forwarded[i] as string).toLowerCase(), value: forwarded[i + 1] as string });
  }
  return fields.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Of a partition. */
export function partsOf(origin: string): { readonly url: string; readonly generation: string } {
  const [url = "", generation = ""] = origin.split(SEPARATOR);
  return { url, generation };
}

/** In no digest and no generation. */
const SEPARATOR = ".";

export function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
