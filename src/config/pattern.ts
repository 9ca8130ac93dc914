import { flawOfHost, urlOf } from "./address.ts";

/** What is wrong with a pattern, in words that follow "must", or null when nothing is. */
type Flaw = string | null;

/** `/v1/images`, `/v1/*`, `/v1/**`; `/` for everything. */
export function flawOfPath(text: string): Flaw {
  if (!text.startsWith("/")) return "begin with a slash";
  if (/[?#]/.test(text)) return "be a path alone (routes do not go by queries)";
  if (text.includes("//")) return "not have // in it";
  // Paths are compared as clients send them, and what is not ASCII never comes in any other way (RFC 3986 2.1).
  if (/[^!-~]|[\\^`{}|<>"]|%(?![\dA-Fa-f]{2})/.test(text)) return "be percent-encoded as in requests";
  const segments = text.split("/");
  if (segments.slice(0, -1).includes("**")) return "have ** at the end only";
  if (segments.some((segment) => segment.includes("*") && !/^\*\*?$/.test(segment))) {
    return "have * as a whole segment, such as /v1/*/images or /v1/**";
  }
  return null;
}

/** Whether it matches every path. */
export function isCatchAll(pattern: string): boolean {
  return pattern === "/" || pattern === "/**";
}

/** A host name or address without a port; `*.example.com` for any name below. */
export function flawOfHostPattern(text: string): Flaw {
  const name = withoutWildcard(text);
  return name.includes("*") ? "have * at the beginning only, as in *.example.com" : flawOfHost(name);
}

/** As clients write it in `Host`: lower case, IPv6 in brackets, international names in ASCII. */
export function normalHost(pattern: string): string {
  const { hostname } = urlOf(withoutWildcard(pattern), 80);
  return pattern.startsWith(WILDCARD) ? WILDCARD + hostname : hostname;
}

const WILDCARD = "*.";

const LONGEST_NAME = 64;
export const NAME_PATTERN: RegExp = /^[A-Za-z0-9._-]{1,64}$/;

/** What a route is called that has no name: `/v1/images/**` → `v1-images`, for POST alone `post-v1-images`. */
export function nameOfRoute(
  match: readonly string[],
  methods: readonly string[],
  hosts: readonly string[],
): string {
  const [host = ""] = hosts;
  const named = [match[0] ?? "", withoutWildcard(host), "default"]
    .map(wordsOf)
    .find(({ length }) => length > 0);
  return [...methods.map((method) => method.toLowerCase().replaceAll(/[^a-z0-9._-]/g, "-")), ...(named ?? [])]
    .join("-")
    .slice(0, LONGEST_NAME);
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^A-Za-z0-9._-]+/).filter((word) => word !== "");
}

function withoutWildcard(host: string): string {
  return host.startsWith(WILDCARD) ? host.slice(WILDCARD.length) : host;
}
