import type { Exchange } from "../task/exchange.ts";
import { headerValue } from "../task/header.ts";
import type { Body, RawHeaders } from "../task/task.ts";
import { addField, OF_ONE_REQUEST } from "./cache-key.ts";
import type { AnswerSink } from "./sending.ts";

/** What one call to the target gave, for the request that made it and for those that waited for it. */
export interface Answer {
  readonly exchange: Exchange;
  /** Why the target was asked (RFC 9211 2.2). */
  readonly why: "uri-miss" | "miss" | "stale" | "request";
  /** The target said that the stored answer still holds. */
  readonly isRevalidated: boolean;
  /** It ended by what ends the task that made it, which says nothing about the target. */
  readonly isBrokenOff: boolean;
  /** The cache has taken it. */
  isStored: boolean;
  /** Copies of its body that are being made for others: it may be deleted after that. */
  readonly copies: Promise<unknown>[];
}

/**
 * Kept among the fields of a stored answer under names that no field can have: undici keeps them by lower-case names in
 * the order of their first lines. `STALE_AT` is added when an answer is looked up.
 */
const RAW_HEADERS = ":raw";
export const STALE_AT = ":stale-at";

export type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** An answer's fields as undici's handlers have them. */
export function toFields(raw: RawHeaders, mayKeep: boolean): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (name !== "__proto__") addField(fields, name, raw[i + 1] as string);
  }
  fields[RAW_HEADERS] = JSON.stringify(raw);
  if (!mayKeep) fields["cache-control"] = "no-store";
  return fields;
}

/** The fields of a stored answer as the target wrote them, as far as undici has kept them. `Age` is ours to say. */
export function storedHeaders(fields: Fields): string[] {
  const text = fields[RAW_HEADERS];
  const raw = typeof text === "string" ? (JSON.parse(text) as string[]) : [];
  return raw.filter((_, i) => {
    const name = (raw[i & ~1] as string).toLowerCase();
    return name !== "age" && Object.hasOwn(fields, name);
  });
}

/** A stored answer with what a 304 says anew (RFC 9111 3.2, 4.3.4). */
export function freshenedHeaders(stored: Fields, update: RawHeaders): string[] {
  const fresh: string[] = [];
  const named = new Set<string>(["age", "date"]);
  for (let i = 0; i + 1 < update.length; i += 2) {
    const name = (update[i] as string).toLowerCase();
    if (OF_THE_BODY.has(name)) continue;
    named.add(name);
    fresh.push(update[i] as string, update[i + 1] as string);
  }
  const kept = storedHeaders(stored);
  return [...kept.filter((_, i) => !named.has((kept[i & ~1] as string).toLowerCase())), ...fresh];
}

/** They describe the body, and the stored one stays. */
const OF_THE_BODY: ReadonlySet<string> = new Set(["content-encoding", "content-length", "content-range"]);

/**
 * Whether those who waited for an answer may have it, too: it sets no cookie and holds no other secret, which may be a
 * session of its own; it is not one to keep from others; and it does not depend on fields in which the requests may differ.
 */
export function isForAll(
  headers: RawHeaders,
  isPrivate: boolean,
  isSecret: (name: string) => boolean,
): boolean {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    const value = (headers[i + 1] as string).toLowerCase();
    if (isSecret(name)) return false;
    if (name === "cache-control" && (isPrivate ? /no-store/ : /no-store|private/).test(value)) return false;
    if (name === "vary" && value.split(",").some((field) => DIFFERING.has(field.trim()))) return false;
  }
  return true;
}

const DIFFERING: ReadonlySet<string> = new Set([...OF_ONE_REQUEST, "*"]);

/** A `Cache-Status` line more (RFC 9211 2). */
export function withStatus(exchange: Exchange, status: string): Exchange {
  if (exchange.kind !== "answered") return exchange;
  const { response } = exchange;
  const headers = [...response.headers, "Cache-Status", `headgate; ${status}`];
  return { ...exchange, response: { ...response, headers } };
}

export function statusOf(answer: Answer, isCollapsed: boolean): string {
  const { exchange, why, isRevalidated, isStored } = answer;
  // The cache looks for one that fits, and does not tell whether there are others.
  const varies = exchange.kind === "answered" && headerValue(exchange.response.headers, "vary") !== undefined;
  return [
    `fwd=${why === "uri-miss" && varies ? "miss" : why}`,
    ...(isRevalidated ? ["fwd-status=304"] : []),
    ...(isStored ? ["stored"] : []),
    ...(isCollapsed ? ["collapsed"] : []),
  ].join("; ");
}

/** Bytes from the cache as a body of a task's own. */
export async function keepBody(chunks: readonly Uint8Array[], sink: () => AnswerSink): Promise<Body> {
  const filled = chunks.filter(({ byteLength }) => byteLength > 0);
  if (filled.length === 0) return { kind: "empty" };
  const open = sink();
  try {
    for (const chunk of filled) await open.write(chunk);
    return await open.finish();
  } catch (thrown) {
    await open.abort().catch(() => {});
    throw thrown;
  }
}
