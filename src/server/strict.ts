import { type IncomingMessage, METHODS } from "node:http";
import { isHost } from "../intake/host.ts";
import { findTargetFault } from "../intake/origin-form.ts";
import { HeadgateError } from "../lib/error.ts";

/**
 * What is wrong with a request's head, or null. Node's parser is more lenient than RFC 9112: it lets through what two
 * parsers may read differently, and a gateway that passes such a thing on helps request smuggling. Nothing found
 * faulty here reaches anybody, and its connection is closed, because where it ends is in doubt.
 */
export function findFault(request: IncomingMessage, maxHeaderFields: number): HeadgateError | null {
  return (
    versionFault(request) ??
    fieldCountFault(request, maxHeaderFields) ??
    hostFault(request) ??
    framingFault(request) ??
    targetFault(request) ??
    expectFault(request)
  );
}

/**
 * The parser also accepts HTTP/0.9, which has no header and no status, and HTTP/2.0, which is no text (RFC 9113 3.4). It
 * takes ICE/1.0 and RTSP/1.0 too and does not tell which it was, except by methods that HTTP has not. An `OPTIONS` of
 * RTSP thus passes, as the HTTP/1.0 request that it reads like and is sent on as.
 */
function versionFault({ httpVersion, method = "" }: IncomingMessage): HeadgateError | null {
  if (method === "SOURCE" || !HTTP_METHODS.has(method)) {
    return new HeadgateError(
      "version_not_supported",
      `${method} is a method of ICE or RTSP, which are not spoken here: use HTTP/1.1.`,
    );
  }
  if (httpVersion === "1.1" || httpVersion === "1.0") return null;
  return new HeadgateError("version_not_supported", `HTTP/${httpVersion} is not spoken here: use HTTP/1.1.`);
}

const HTTP_METHODS: ReadonlySet<string> = new Set(METHODS);

/** `maxHeadersCount` of node:http drops the fields beyond its limit in silence, a second `Host` among them. */
function fieldCountFault({ rawHeaders }: IncomingMessage, most: number): HeadgateError | null {
  if (rawHeaders.length <= most * 2) return null;
  return new HeadgateError("headers_too_large", `A request may have ${most} header fields at most.`);
}

/** Exactly one valid `Host` (RFC 9112 3.2); two let a cache and a target see different sites. HTTP/1.0 may leave it out. */
function hostFault({ rawHeaders, headers, httpVersion }: IncomingMessage): HeadgateError | null {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && (name === "Host" || name.toLowerCase() === "host")) count++;
  }
  if (count === 1 && isHost(headers.host as string)) return null;
  if (count === 0 && httpVersion === "1.0") return null;
  const why =
    count === 0 ? "A request needs a Host." : count > 1 ? "A request has one Host." : "This is no host.";
  return invalid(why, "Host");
}

/** RFC 9112 6.1: anything but plain `chunked` on its own is either not ours to decode or an attempt to smuggle. */
function framingFault({ headers, httpVersion }: IncomingMessage): HeadgateError | null {
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return null;
  if (httpVersion === "1.0") return invalid("HTTP/1.0 has no Transfer-Encoding.", "Transfer-Encoding");
  if (headers["content-length"] !== undefined) {
    return invalid("A request has a Content-Length or a Transfer-Encoding, not both.", "Transfer-Encoding");
  }
  if (coding.toLowerCase() === "chunked") return null;
  return new HeadgateError("not_implemented", "The only Transfer-Encoding understood here is chunked.", {
    field: "Transfer-Encoding",
  });
}

function targetFault({ url = "", method = "" }: IncomingMessage): HeadgateError | null {
  const fault = findTargetFault(method, url);
  return fault === null ? null : invalid(fault);
}

/** RFC 9110 10.1.1; an HTTP/1.0 client's expectation is ignored. */
function expectFault({ headers, httpVersion }: IncomingMessage): HeadgateError | null {
  const { expect } = headers;
  if (expect === undefined || httpVersion === "1.0" || expect.toLowerCase() === "100-continue") return null;
  return new HeadgateError("expectation_failed", "The only expectation that can be met is 100-continue.", {
    field: "Expect",
  });
}

function invalid(message: string, field?: string): HeadgateError {
  return new HeadgateError("invalid_request", message, field === undefined ? {} : { field });
}
