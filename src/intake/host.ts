/**
 * Whether a text may stand as an authority: reg-name or IP literal, with or without port (RFC 3986 3.2.2, 3.2.3). It is
 * written into links and `Forwarded`, so user info, paths and quotes in it are an attack. Empty is legal (RFC 9112 3.2).
 */
export function isHost(text: string): boolean {
  return HOST.test(text);
}

const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;
