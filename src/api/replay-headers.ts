import type { RawHeaders } from "../task/task.ts";

/**
 * Fields of a target's answer that are not replayed. The answer is read at Headgate's own origin, where these would act
 * on Headgate and on everything else that is replayed there.
 */
const NOT_REPLAYED: ReadonlySet<string> = new Set([
  // Of one connection (RFC 9110 7.6.1); they are not stored either.
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  // Comes from the stored body: that of an answer to HEAD, or of a body cut short, would desynchronise the connection.
  "content-length",
  // Whether parts can be had is for Headgate to say, which keeps the whole.
  "accept-ranges",
  // One client's session would be set on another that reads the answer.
  "set-cookie",
  "set-cookie2",
  // Would wipe what a browser keeps for this origin.
  "clear-site-data",
  // Would bind this host for months: to HTTPS, to keys, to another server (RFC 7838).
  "strict-transport-security",
  "public-key-pins",
  "alt-svc",
  // Replaced by stricter ones below.
  "content-security-policy",
  "content-security-policy-report-only",
  "x-content-type-options",
  // Would report this origin's traffic to the target's collector, or widen what a script of its may control.
  "nel",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  // Would send a browser elsewhere.
  "refresh",
]);

const NOT_REPLAYED_PREFIXES: readonly string[] = [
  "access-control-", // CORS: would let scripts of other sites read answers that are meant for whoever holds the id
  "headgate-", // what Headgate alone says
];

/** Digests of all that was sent (RFC 9530 2, RFC 1864), wrong beside a part of it. */
const OF_THE_WHOLE: ReadonlySet<string> = new Set(["content-digest", "content-md5", "digest"]);

/** What an answer may do when a browser opens it: nothing. No script, no form, no origin, no guessing of types. */
export const REPLAY_SAFETY: readonly string[] = [
  "X-Content-Type-Options",
  "nosniff",
  "Content-Security-Policy",
  "sandbox",
];

/** The fields of an answer as they came, repeated ones included, but for those above. A new list. */
export function replayHeaders(headers: RawHeaders, isPart = false): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    const lowerCase = name.toLowerCase();
    if (NOT_REPLAYED.has(lowerCase) || (isPart && OF_THE_WHOLE.has(lowerCase))) continue;
    if (NOT_REPLAYED_PREFIXES.some((prefix) => lowerCase.startsWith(prefix))) continue;
    kept.push(name, headers[i + 1] as string);
  }
  kept.push(...REPLAY_SAFETY);
  return kept;
}
