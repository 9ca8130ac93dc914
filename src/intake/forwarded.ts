import type { IncomingMessage } from "node:http";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { RawHeaders } from "../task/task.ts";
import {
  type Hop,
  hopAddress,
  isHopAddress,
  isNamedHost,
  isPort,
  isProto,
  readForwarded,
  readMembers,
} from "./hops.ts";

/** Where a request came from, and its header fields as they are stored: with that origin written down. */
export interface Origin {
  readonly headers: RawHeaders;
  readonly scheme: "http" | "https";
  /** The authority the client used; undefined when it named none (HTTP/1.0). */
  readonly host: string | undefined;
  /** The client's address, as far as it can be believed. */
  readonly address: string;
}

/** What says where a request came from. */
type Carrier = Pick<IncomingMessage, "headers" | "rawHeaders" | "socket">;

/**
 * `Forwarded` (RFC 7239) and its older relatives `X-Forwarded-*`. From a trusted proxy they are believed and continued.
 * From anybody else they are replaced: a target believes them because they come from us, so a client that could
 * set them would choose its own address.
 */
export function createOriginReader(trustedProxies: readonly string[]): (request: Carrier) => Origin {
  const isTrusted = createProxyTrust(trustedProxies);

  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress);
    return trustedProxies.length > 0 && peer !== null && isTrusted(peer)
      ? continued(request, peer, isTrusted)
      : replaced(request, peer);
  };
}

/** The origin that links to us begin with; empty when the client named no host. */
export function linkOrigin({ scheme, host }: Origin): string {
  return host ? `${scheme}://${host}` : "";
}

/** Whether an address is that of a proxy which is believed. */
export function createProxyTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = toBlockList(trustedProxies);
  return (address) => trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function replaced(request: Carrier, peer: string | null): Origin {
  const { host } = request.headers;
  const stored = without(request.rawHeaders, isForwardingField);
  stored.push("Forwarded", forwardedElement(peer, host, "http"));
  if (peer !== null) stored.push("X-Forwarded-For", peer);
  stored.push("X-Forwarded-Proto", "http");
  if (host !== undefined && host !== "") stored.push("X-Forwarded-Host", host);
  return { headers: stored, scheme: "http", host, address: peer ?? "unknown" };
}

/** `Forwarded` and its relatives must tell one story, because some targets read the one and some the others: it wins. */
function continued(request: Carrier, peer: string, isTrusted: (address: string) => boolean): Origin {
  const { headers } = request;
  const { host } = headers;
  const before = readForwarded(single(headers["forwarded"]));
  const addresses = readMembers(single(headers["x-forwarded-for"]), isHopAddress);
  const protos = oneOrAll(before[0]?.proto, single(headers["x-forwarded-proto"]), isProto);
  const hosts = oneOrAll(before[0]?.host, single(headers["x-forwarded-host"]), isNamedHost);
  const hops = addresses.length > 0 ? addresses : addressesOf(before);

  const stored = without(request.rawHeaders, isRewritten);
  stored.push(
    "Forwarded",
    [...before.map(({ text }) => text), forwardedElement(peer, host, "http")].join(", "),
  );
  stored.push("X-Forwarded-For", [...hops, peer].join(", "));
  stored.push("X-Forwarded-Proto", protos.length > 0 ? protos.join(", ") : "http");
  if (hosts.length > 0) stored.push("X-Forwarded-Host", hosts.join(", "));
  else if (host !== undefined && host !== "") stored.push("X-Forwarded-Host", host);
  const port = single(headers["x-forwarded-port"]);
  if (before[0]?.host === undefined && isPort(port)) stored.push("X-Forwarded-Port", port);

  return {
    headers: stored,
    scheme: protos[0]?.toLowerCase() === "https" ? "https" : "http",
    host: hosts[0] ?? host,
    address: nearestStranger(hops, isTrusted) ?? peer,
  };
}

/** What `Forwarded` says, or else the members of the older field. */
function oneOrAll(
  said: string | undefined,
  older: string,
  isSound: (member: string) => boolean,
): readonly string[] {
  return said === undefined ? readMembers(older, isSound) : [said];
}

/** `X-Forwarded-For` knows no obfuscated names, no brackets and no ports. */
function addressesOf(hops: readonly Hop[]): readonly string[] {
  return hops.map((hop) => plainAddress(hopAddress(hop.for ?? "")) ?? "unknown");
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

function single(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : (value?.join(", ") ?? "");
}

/** A copy of the fields without those to drop; most requests have none of them. */
function without(raw: RawHeaders, drop: (name: string) => boolean): string[] {
  for (let i = 0; i < raw.length; i += 2) {
    if (drop(raw[i] as string)) return raw.filter((_, j) => !drop(raw[j & ~1] as string));
  }
  return raw.slice();
}

/** What says who the client is: `Forwarded`, `X-Real-IP` and every `X-Forwarded-…`, port and prefix included. */
export function isForwardingField(name: string): boolean {
  const initial = name.charCodeAt(0) | 0x20;
  if (initial !== 0x66 && initial !== 0x78) return false;
  // CGI and WSGI read `X_Forwarded_For` and `X-Forwarded-For` as the same variable.
  const lower = name.toLowerCase().replaceAll("_", "-");
  return lower === "forwarded" || lower === "x-real-ip" || lower.startsWith("x-forwarded-");
}

/** Those that are checked and written anew, as one line each, because targets often read only one. */
function isRewritten(name: string): boolean {
  if (!isForwardingField(name)) return false;
  const lower = name.toLowerCase();
  return lower.includes("_") || REWRITTEN.has(lower);
}

const REWRITTEN: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
]);

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
