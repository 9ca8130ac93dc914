import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Whether a connection may be made to an address; one that is no address may not be. */
export type AddressGuard = (address: string) => boolean;

/**
 * Lets through public addresses, and those that the configuration allows. Clients choose the URLs of webhooks: without a guard
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

/**
 * Whether a URL may be called, as far as it says so itself: by an address, or by a name of this machine (RFC 6761 6.3). What
 * another name stands for is looked at when a connection is made, for it may change.
 */
export function mayBeCalled({ hostname }: URL, isAllowed: AddressGuard): boolean {
  const host = hostname.replaceAll(/^\[|\]$|\.$/g, "");
  if (isIP(host) !== 0) return isAllowed(host);
  return !/^(?:.+\.)?localhost$/.test(host) || isAllowed("127.0.0.1") || isAllowed("::1");
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
