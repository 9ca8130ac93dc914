import type { StoredRequest } from "../../../../client/views.ts";

/** Fields that curl writes itself, or that a proxy on the way had added. */
const LEFT_OUT =
  /^(?:host|content-length|connection|accept-encoding|forwarded|x-forwarded-.*|via|headgate-key)$/i;

/** The request as a shell would send it again; everything in it is quoted. */
export function toCurl(
  baseUrl: string,
  { method, path, headers, body, body_encoding }: StoredRequest,
): string {
  const parts = ["curl", "-X", quote(method), quote(baseUrl + path)];
  for (const [name, value] of headers) {
    if (!LEFT_OUT.test(name)) parts.push("-H", quote(`${name}: ${value}`));
  }
  if (body_encoding === "base64") {
    return `printf %s ${quote(String(body))} | base64 -d | ${parts.join(" ")} --data-binary @-`;
  }
  if (body !== null && body !== undefined) {
    parts.push("--data-raw", quote(typeof body === "string" ? body : JSON.stringify(body)));
  }
  return parts.join(" ");
}

/** For POSIX shells: nothing within single quotes has a meaning. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
