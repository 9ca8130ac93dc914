import type { RawHeaders, StoredRequest } from "../task/task.ts";

/**
 * Which header fields cross Headgate. Everything that is not named here passes unchanged: order, case, duplicates.
 */

/** Fields about one connection, in either direction; the next connection has its own (RFC 9110 7.6.1). */
const HOP_BY_HOP: readonly string[] = [
  "connection", // RFC 9110 7.6.1
  "keep-alive", // RFC 9112 C.2.2
  "proxy-connection", // RFC 9112 C.2.2: never a standard, still sent
  "te", // RFC 9110 10.1.4
  "trailer", // RFC 9110 6.6.2: trailers are not kept
  "transfer-encoding", // RFC 9112 6.1; copied beside a Content-Length it is request smuggling (RFC 9112 11.2)
  "upgrade", // RFC 9110 7.8; h2c smuggling
];

const NOT_FORWARDED: readonly string[] = [
  ...HOP_BY_HOP,
  "content-length", // RFC 9112 6.3: bodies are re-framed, the length is that of the stored body
  "expect", // RFC 9110 10.1.1: answered when the body was received
  "http2-settings", // RFC 7540 3.2.1
  "proxy", // httpoxy, CVE-2016-5385: CGI hands it to the program as HTTP_PROXY
];

/** Look-alikes, too: CGI and WSGI read `Content_Length` and `Content-Length` as the same variable. */
const NOT_FORWARDED_SPELLINGS = NOT_FORWARDED.flatMap((name) => [name, name.replaceAll("-", "_")]);

const isNotForwarded = anyOf(NOT_FORWARDED_SPELLINGS);
const isHostOrNotForwarded = anyOf([...NOT_FORWARDED_SPELLINGS, "host"]);
const isConnection = anyOf(["connection"]);
const isMaxForwards = anyOf(["max-forwards"]);

/** "The recipient's maximum supported value" (RFC 9110 7.6.2). */
const MOST_FORWARDS = 2 ** 31 - 1;

/**
 * Prefixes that are not forwarded: credentials for this proxy (RFC 9110 11.7) and what only Headgate may say to the
 * target. Underscores too: CGI and WSGI read `Headgate_Task_Id` and `Headgate-Task-Id` as the same variable.
 */
const NOT_FORWARDED_PREFIXES: readonly string[] = ["proxy-", "proxy_", "headgate-", "headgate_"];

const isNotStored = anyOf([
  ...HOP_BY_HOP,
  "proxy-authenticate", // RFC 9110 11.7.1: to the next client only
  "proxy-authentication-info", // RFC 9110 11.7.3: likewise
]);

/**
 * Fields that stay although `Connection` names them. By naming a field a client could make Headgate remove what a proxy
 * before it had added, such as the address or the identity of the client (hop-by-hop header abuse).
 */
const PROTECTED: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control", // RFC 9110 7.6.1 names it as one that must not be listed
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "forwarded",
  "host",
  "idempotency-key",
  "traceparent",
  "tracestate",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** How this Headgate is called in `Via` (RFC 9110 7.6.3): `headgate-` and a part that no other instance has. */
export type Pseudonym = `headgate-${string}`;

/** The `Via` entry of this Headgate; finding it in a request means that the request has been here before. */
export function viaEntry(pseudonym: Pseudonym): string {
  return `1.1 ${pseudonym}`;
}

/** The fields of a stored request that go on to the target. Framing and the fields Headgate adds are not among them. */
export function forwardableHeaders(headers: RawHeaders, preserveHost: boolean): string[] {
  const isDropped = preserveHost ? isNotForwarded : isHostOrNotForwarded;
  const named = namedByConnection(headers);
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (isDropped(name) || hasReservedPrefix(name) || named?.has(name.toLowerCase())) continue;
    kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** Whether a request has come as far as its client wanted: then it must not go on (RFC 9110 7.6.2). */
export function isAtItsEnd({ method, headers }: Pick<StoredRequest, "method" | "headers">): boolean {
  return (
    isCounted(method) &&
    headers.some(
      (text, i) => i % 2 === 1 && /^0+$/.test(text.trim()) && isMaxForwards(headers[i - 1] as string),
    )
  );
}

/** RFC 9110 7.6.2: one step fewer for the next, in place. What is no number is left alone. */
export function countDown(method: string, headers: string[]): void {
  if (!isCounted(method)) return;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const value = (headers[i + 1] as string).trim();
    if (!isMaxForwards(headers[i] as string) || !/^\d+$/.test(value)) continue;
    headers[i + 1] = String(Math.min(Number(value) - 1, MOST_FORWARDS));
  }
}

/** The methods whose way `Max-Forwards` counts; every other may ignore it. */
function isCounted(method: string): boolean {
  return method === "OPTIONS" || method === "TRACE";
}

/** The fields of an answer that are kept and replayed, from the raw bytes; one character a byte. */
export function storableResponseHeaders(raw: readonly Buffer[]): string[] {
  const headers = decode(raw);
  const named = namedByConnection(headers);
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (isNotStored(name) || named?.has(name.toLowerCase())) continue;
    kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** One character a byte. The pieces mostly lie in one read from the socket, and decoding them together is faster. */
function decode(raw: readonly Buffer[]): string[] {
  const first = raw[0];
  const last = raw.at(-1);
  if (first === undefined || last === undefined) return [];
  const start = first.byteOffset;
  const end = last.byteOffset + last.length;
  const text =
    last.buffer === first.buffer && start < end
      ? Buffer.from(first.buffer, start, end - start).toString("latin1")
      : "";
  const headers: string[] = [];
  for (const piece of raw) {
    const from = piece.byteOffset - start;
    const to = from + piece.length;
    const within = piece.buffer === first.buffer && from >= 0 && to <= text.length;
    headers.push(within ? text.slice(from, to) : piece.toString("latin1"));
  }
  return headers;
}

function hasReservedPrefix(name: string): boolean {
  // Nearly every name ends here: neither p nor h.
  const letter = name.charCodeAt(0) | 0x20;
  if (letter !== 0x70 && letter !== 0x68) return false;
  const lowerCase = name.toLowerCase();
  return NOT_FORWARDED_PREFIXES.some((prefix) => lowerCase.startsWith(prefix));
}

/** The fields that `Connection` declares to be about this connection only; null for none. */
function namedByConnection(headers: RawHeaders): ReadonlySet<string> | null {
  let named: Set<string> | null = null;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (!isConnection(headers[i] as string)) continue;
    const value = headers[i + 1] as string;
    if (value === "keep-alive" || value === "close") continue;
    for (const option of value.split(",")) {
      const field = option.trim().toLowerCase();
      if (field !== "" && !PROTECTED.has(field)) (named ??= new Set()).add(field);
    }
  }
  return named;
}

/** Whether a name is one of these (lower-case, shorter than 32), in any case; told by its length alone for most names. */
function anyOf(names: readonly string[]): (name: string) => boolean {
  const known = new Set(names);
  let lengths = 0;
  for (const { length } of known) lengths |= 1 << length;
  return (name) => name.length < 32 && (lengths & (1 << name.length)) !== 0 && known.has(name.toLowerCase());
}
