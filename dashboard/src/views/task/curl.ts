import type { StoredRequest } from "../../../../client/views.ts";
import { toText } from "./body-text.ts";

/** Fields that curl writes itself, or that a proxy on the way had added. */
const LEFT_OUT =
  /^(?:host|content-length|connection|accept-encoding|forwarded|x-forwarded-.*|via|headgate-key)$/i;

/**
 * The request as a POSIX shell would send it again, to the byte; everything in it is quoted. A body that is too long for a
 * command line is named by its file.
 */
export function toCurl(baseUrl: string, request: StoredRequest, body: Uint8Array | string): string {
  const { method, path, headers } = request;
  // Without these curl would take [1-3], {a,b} and /../ in a path for its own.
  const parts = ["curl", "--globoff", "--path-as-is"];
  // With -X alone it would wait for the body that an answer to HEAD announces.
  parts.push(...(method === "HEAD" ? ["--head"] : ["-X", quote(method)]), quote(baseUrl + path));
  for (const [name, value] of headers) {
    // A field without a value is written with a semicolon; with a colon curl leaves it out.
    if (!LEFT_OUT.test(name)) parts.push("-H", quote(value === "" ? `${name};` : `${name}: ${value}`));
  }
  if (body.length === 0) return parts.join(" ");
  // Else curl would say it is a form.
  if (!headers.some(([name]) => name.toLowerCase() === "content-type"))
    parts.push("-H", quote("Content-Type:"));
  if (typeof body === "string") return [...parts, "--data-binary", quote(`@${body}`)].join(" ");
  const text = toText(body);
  // A byte order mark or half a character would be lost.
  const isWhole = text !== null && new TextEncoder().encode(text).byteLength === body.byteLength;
  if (isWhole) return [...parts, "--data-raw", quote(text)].join(" ");
  const base64 = btoa(Array.from(body, (byte) => String.fromCharCode(byte)).join(""));
  return `printf %s ${quote(base64)} | base64 -d | ${parts.join(" ")} --data-binary @-`;
}

/** For POSIX shells: nothing within single quotes has a meaning. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
