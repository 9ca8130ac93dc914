import { isIPv4, isIPv6 } from "node:net";
import { isHost } from "./host.ts";
import { splitUnquoted } from "./quoted.ts";

/** One element of a `Forwarded` field, as it came and as it reads. */
export interface Hop {
  readonly text: string;
  readonly for: string | undefined;
  readonly host: string | undefined;
  readonly proto: string | undefined;
}

/** The elements of a `Forwarded` field (RFC 7239 4) that can be passed on; a lone quote makes all of it unreadable. */
export function readForwarded(field: string): readonly Hop[] {
  return soundTail((splitUnquoted(field, ",") ?? []).filter(isPresent).map(readHop)).filter(
    (hop) => hop !== null,
  );
}

/** The members of a list `X-Forwarded-…` that can be passed on. */
export function readMembers(field: string, isSound: (member: string) => boolean): readonly string[] {
  const members = field.split(",").filter(isPresent);
  return soundTail(members.map((member) => (isSound(member.trim()) ? member.trim() : null))).filter(
    (member) => member !== null,
  );
}

export function isProto(text: string): boolean {
  return /^https?$/i.test(text);
}

/** A host that is named: empty is legal as `Host`, and says nothing here. */
export function isNamedHost(text: string): boolean {
  return text !== "" && isHost(text);
}

/** A port, as in `X-Forwarded-Port`. */
export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

/** A member of `X-Forwarded-For`: an address, some write its port too, or `unknown`. */
export function isHopAddress(text: string): boolean {
  return text.toLowerCase() === "unknown" || isIPv6(text) || isIPv4(hopAddress(text)) || isBracketed(text);
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` (RFC 7239 6) without their ports and brackets. */
export function hopAddress(hop: string): string {
  const text = hop.trim();
  return /^\[([^\]]*)\]/.exec(text)?.[1] ?? (/^[\d.]+(?=:\d+$)/.exec(text)?.[0] || text);
}

/** A proxy that we trust added what is on the right; what stands before a malformed member nobody vouches for. */
function soundTail<Member>(members: readonly (Member | null)[]): readonly (Member | null)[] {
  return members.slice(members.lastIndexOf(null) + 1);
}

function readHop(element: string): Hop | null {
  const found = new Map<string, string>();
  for (const pair of splitUnquoted(element, ";") ?? []) {
    const match = PAIR.exec(pair);
    const name = match?.[1]?.toLowerCase() ?? "";
    const value = match?.[2] ?? match?.[3]?.replace(/\\(.)/g, "$1");
    if (value === undefined || found.has(name) || CHECKS.get(name)?.(value) === false) return null;
    found.set(name, value);
  }
  return { text: element.trim(), for: found.get("for"), host: found.get("host"), proto: found.get("proto") };
}

const PAIR = /^\s*([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)")\s*$/;

const CHECKS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ["for", isNode],
  ["by", isNode],
  ["host", isNamedHost],
  ["proto", isProto],
]);

/** RFC 7239 6: an address, `unknown` or an obfuscated name, with or without port. */
function isNode(text: string): boolean {
  return /^(?:unknown|_[\w.-]+)(?::(?:\d{1,5}|_[\w.-]+))?$/i.test(text) || isHopAddress(text);
}

function isBracketed(text: string): boolean {
  return /^\[[^\]]+\](?::\d{1,5})?$/.test(text) && isIPv6(hopAddress(text));
}

function isPresent(member: string): boolean {
  return member.trim() !== "";
}
