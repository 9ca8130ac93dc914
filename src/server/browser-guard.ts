import type { IncomingMessage } from "node:http";
import { isLoopback } from "../config/address.ts";
import { HeadgateError } from "../lib/error.ts";

/** What a browser may have been talked into: throws for a control call that no page of ours made. */
export type BrowserGuard = (request: IncomingMessage) => void;

export interface BrowserGuardSettings {
  /** `http://host`, as the client called us. */
  readonly originOf: (request: IncomingMessage) => string;
  readonly mayNameAnyHost: (request: IncomingMessage) => boolean;
}

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * - Another site's page can make a browser POST here, with no key needed where there are none. Browsers say where a
 *   request comes from (Fetch Metadata, `Origin`); programs say nothing, and are let through.
 * - A name of somebody else's domain can lead to this machine (DNS rebinding), and then a page of that domain reads what
 *   it gets. Who comes to a loopback address names the machine itself.
 */
export function createBrowserGuard({ originOf, mayNameAnyHost }: BrowserGuardSettings): BrowserGuard {
  return (request) => {
    const { host } = request.headers;
    const { localAddress = "" } = request.socket;
    const isForeign = host !== undefined && isLoopback(plain(localAddress)) && !isLoopback(hostname(host));
    if (isForeign && !mayNameAnyHost(request)) {
      const message = `${host} is no name of this machine. A proxy that passes it on belongs into trusted_proxies.`;
      throw new HeadgateError("cross_site", message, { field: "Host" });
    }
    if (!SAFE.has(request.method as string) && isCrossSite(request, originOf)) {
      throw new HeadgateError("cross_site", "A page of another site may not do this.");
    }
  };
}

function isCrossSite(request: IncomingMessage, originOf: (request: IncomingMessage) => string): boolean {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin } = request.headers;
  return origin !== undefined && origin !== originOf(request);
}

/** Without its port. */
function hostname(host: string): string {
  return host
    .replace(/:\d*$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
}

function plain(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
