/**
 * What is wrong with a request target, or null. Origin form only (RFC 9112 3.2.1): `/` and printable ASCII. Put behind a base
 * URL, `//evil` and `/\evil` would name another host to a lenient parser; a fragment is seen by some hops and not by others.
 */
export function findTargetFault(method: string, target: string): string | null {
  if (ORIGIN_FORM.test(target)) return null;
  if (!target.startsWith("/")) {
    const form = target === "*" ? `${method} *` : "An absolute or authority form";
    return `${form} is not taken here: the request target is a path, beginning with /.`;
  }
  if (/^\/[/\\]/.test(target)) return "The request target may not begin with // or /\\.";
  return "The request target has characters other than printable ASCII, or a fragment: percent-encode them.";
}

const ORIGIN_FORM = /^\/(?![/\\])[\x21\x22\x24-\x7e]*$/;
