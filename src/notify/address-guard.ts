import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { buildConnector } from "undici";
import { toError } from "../lib/error.ts";

/** Whether a connection may be made to an address; one that is no address may not be. */
export type AddressGuard = (address: string) => boolean;

/** The address a name stands for, or a URL names, is not one that may be called. */
export class ForbiddenAddressError extends Error {
  constructor(host: string) {
    super(
      `${host} is not a public address; webhooks.allow in the configuration says which others may be called.`,
    );
    this.name = "ForbiddenAddressError";
  }
}

/**
 * Lets through public addresses, and those that the configuration allows. Clients choose these URLs: without a guard
 * they could have Headgate call what only its own network reaches (SSRF).
 */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const ranges = allow.map((text) =>
    text.includes("/") ? ipaddr.parseCIDR(text) : ipaddr.parseCIDR(`${text}/${isIP(text) === 6 ? 128 : 32}`),
  );
  return (text) => {
    if (isIP(text) === 0) return false;
    // ::ffff:10.0.0.1 is 10.0.0.1.
    const address = ipaddr.process(text);
    return (
      isPublic(address) ||
      ranges.some(([range, bits]) => range.kind() === address.kind() && address.match([range, bits] as never))
    );
  };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  // Whatever has a purpose of its own has a range of its own: private, link-local, NAT64, 6to4, Teredo, ….
  if (address.range() !== "unicast" || PLATFORM.has(address.toString())) return false;
  if (address instanceof ipaddr.IPv4) return true;
  // 2000::/3 is all that was given out (RFC 4291 2.4): not ::127.0.0.1, not 64:ff9b:1::/48.
  return ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}

/** Public by its number, and yet the platform of a cloud, reachable from every machine in it (Azure). */
const PLATFORM: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** Connects for undici, and asks the guard of the address itself: a name may stand for another each time it is asked. */
export function createGuardedConnector(isAllowed: AddressGuard, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    lookup: guardedLookup(isAllowed),
  });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, "");
    // Nothing is looked up for an address.
    if (isIP(host) !== 0 && !isAllowed(host)) {
      callback(new ForbiddenAddressError(host), null);
      return;
    }
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      const { remoteAddress = "" } = socket;
      if (isAllowed(remoteAddress)) return callback(null, socket);
      socket.destroy();
      callback(new ForbiddenAddressError(host), null);
    });
  };
}

function guardedLookup(isAllowed: AddressGuard): LookupFunction {
  return (host, options, callback) => {
    resolveName(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(toError(error), "", 0);
      const allowed = found.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (first === undefined) return callback(new ForbiddenAddressError(host), "", 0);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
