import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import type { AddressGuard } from "../lib/address-guard.ts";

/** The address a name stands for, or a URL names, is not one that may be called. */
export class ForbiddenAddressError extends Error {
  constructor(host: string) {
    super(
      `${host} is not a public address; webhooks.allow in the configuration says which others may be called.`,
    );
    this.name = "ForbiddenAddressError";
  }
}

/** A name that stands for no address at all. */
export class UnknownHostError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = "UnknownHostError";
  }
}

/** Nobody could say what a name stands for: it may be any. */
export class LookupFailedError extends Error {
  readonly code = "lookup_failed";

  constructor(cause: NodeJS.ErrnoException) {
    super(`Its host could not be looked up now (${cause.code}).`, { cause });
    this.name = "LookupFailedError";
  }
}

export function toLookupError(error: NodeJS.ErrnoException): UnknownHostError | LookupFailedError {
  const isUnknown = error.code === "ENOTFOUND" || error.code === "ENODATA";
  return isUnknown ? new UnknownHostError(error) : new LookupFailedError(error);
}

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
      if (error !== null) return callback(toLookupError(error), "", 0);
      const allowed = found.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (first === undefined) return callback(new ForbiddenAddressError(host), "", 0);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
