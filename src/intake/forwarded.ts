import type { IncomingMessage } from "node:http";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { RawHeaders } from "../task/task.ts";
import { isHost } from "./host.ts";

/** Where a request came from, and its header fields as they are stored: with that origin written down. */
export interface Origin {
  readonly headers: RawHeaders;
  readonly scheme: "http" | "https";
  /** The authority the client used; undefined when it named none (HTTP/1.0). */
  readonly host: string | undefined;
  /** The client's address, as far as it can be believed. */
  readonly address: string;
}

/**
 * `Forwarded` (RFC 7239) and its older relatives `X-Forwarded-*`. From a trusted proxy they are believed and continued.
 * From anybody else they are replaced: a target believes them because they come from us, so a client that could
 * set them would choose its own address.
 */
export function createOriginReader(trustedProxies: readonly string[]): (request: IncomingMessage) => Origin {
  const trusted = toBlockList(trustedProxies);
  const isTrusted = (address: string): boolean => trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");

  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress);
    return trustedProxies.length > 0 && peer !== null && isTrusted(peer)
      ? continued(request, peer, isTrusted)
      : replaced(request, peer);
  };
}

function replaced(request: IncomingMessage, peer: string | null): Origin {
  const { host } = request.headers;
  const stored = without(request.rawHeaders, isForwardingField);
  stored.push("Forwarded", forwardedElement(peer, host, "http"));
  if (peer !== null) stored.push("X-Forwarded-For", peer);
  stored.push("X-Forwarded-Proto", "http");
  if (host !== undefined && host !== "") stored.push("X-Forwarded-Host", host);
  return { headers: stored, scheme: "http", host, address: peer ?? "unknown" };
}

function continued(request: IncomingMessage, peer: string, isTrusted: (address: string) => boolean): Origin {
  const { headers } = request;
  const { host } = headers;
  const before = {
    forwarded: single(headers["forwarded"]),
    for: single(headers["x-forwarded-for"]),
    proto: single(headers["x-forwarded-proto"]),
    host: single(headers["x-forwarded-host"]),
  };
  const stored = without(request.rawHeaders, isListOfHops);
  stored.push("Forwarded", appended(before.forwarded, forwardedElement(peer, host, "http")));
  stored.push("X-Forwarded-For", appended(before.for, peer));
  if (before.proto === undefined) stored.push("X-Forwarded-Proto", "http");
  if (before.host === undefined && host !== undefined && host !== "") stored.push("X-Forwarded-Host", host);

  const scheme = (parameter(before.forwarded, "proto")[0] ?? first(before.proto))?.toLowerCase();
  const clientHost = parameter(before.forwarded, "host")[0] ?? first(before.host);
  const hops = before.for === undefined ? parameter(before.forwarded, "for") : before.for.split(",");
  return {
    headers: stored,
    scheme: scheme === "https" ? "https" : "http",
    host: clientHost !== undefined && isHost(clientHost) ? clientHost : host,
    address: nearestStranger(hops, isTrusted) ?? peer,
  };
}

/** The last hop that no trusted proxy vouches for; what stands before it may be invented by it. */
function nearestStranger(hops: readonly string[], isTrusted: (address: string) => boolean): string | null {
  for (let i = hops.length - 1; i >= 0; i--) {
    const address = plainAddress(hopAddress(hops[i] ?? ""));
    if (address === null) return null;
    if (!isTrusted(address)) return address;
  }
  return null;
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` (RFC 7239 6) without their ports and brackets. */
function hopAddress(hop: string): string {
  const text = hop.trim();
  return /^\[([^\]]*)\]/.exec(text)?.[1] ?? (/^[\d.]+(?=:\d+$)/.exec(text)?.[0] || text);
}

/** An IP address without zone, an IPv4 address in IPv6 clothes as IPv4; null when it is none. */
function plainAddress(address: string | undefined): string | null {
  if (address === undefined) return null;
  const text = address.startsWith("::ffff:") && isIPv4(address.slice(7)) ? address.slice(7) : address;
  if (isIPv4(text)) return text;
  const zone = text.indexOf("%");
  const unzoned = zone === -1 ? text : text.slice(0, zone);
  return isIPv6(unzoned) ? unzoned : null;
}

/** RFC 7239 4 and 6: IPv6 in brackets and quotes; a host with a port is no token and is quoted too. */
function forwardedElement(peer: string | null, host: string | undefined, proto: string): string {
  const node = peer === null ? "unknown" : peer.includes(":") ? `"[${peer}]"` : peer;
  if (host === undefined || host === "") return `for=${node};proto=${proto}`;
  return `for=${node};host=${TOKEN.test(host) ? host : `"${host}"`};proto=${proto}`;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** All values of one parameter of a `Forwarded` field, in order. */
function parameter(forwarded: string | undefined, name: string): readonly string[] {
  if (forwarded === undefined) return [];
  const pattern = new RegExp(`(?:^|[;,\\s])${name}=(?:"([^"]*)"|([^;,\\s"]+))`, "gi");
  return [...forwarded.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}

function appended(before: string | undefined, element: string): string {
  return before === undefined || before.trim() === "" ? element : `${before}, ${element}`;
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.join(", ");
}

function first(list: string | undefined): string | undefined {
  return list?.split(",", 1)[0]?.trim();
}

/** A copy of the fields without those to drop; most requests have none of them. */
function without(raw: RawHeaders, drop: (name: string) => boolean): string[] {
  for (let i = 0; i < raw.length; i += 2) {
    if (drop(raw[i] as string)) return raw.filter((_, j) => !drop(raw[j & ~1] as string));
  }
  return raw.slice();
}

/** What says who the client is: `Forwarded`, `X-Real-IP` and every `X-Forwarded-…`, port and prefix included. */
function isForwardingField(name: string): boolean {
  const initial = name.charCodeAt(0) | 0x20;
  if (initial !== 0x66 && initial !== 0x78) return false;
  // CGI and WSGI read `X_Forwarded_For` and `X-Forwarded-For` as the same variable.
  const lower = name.toLowerCase().replaceAll("_", "-");
  return lower === "forwarded" || lower === "x-real-ip" || lower.startsWith("x-forwarded-");
}

/** The two to which every hop adds itself; kept as one line, because targets often read only one. */
function isListOfHops(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === "forwarded" || lower === "x-forwarded-for";
}

function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/", 2);
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
