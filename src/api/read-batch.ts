import { z } from "zod";
import { HeadgateError } from "../lib/error.ts";
import { isDeeper, parseExactly } from "../lib/exact-json.ts";
import { HEAD_LIMITS, headTooLarge, isLargeHead } from "../task/header.ts";
import type { RawHeaders } from "../task/task.ts";
import { only, textIn } from "./parameters.ts";
import { invalidAt } from "./problems.ts";

/** A request that a client wrote down in the body of another. */
export interface Written {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  readonly bytes: Uint8Array;
}

export const MOST_REQUESTS = 1_000;
const DEEPEST = 1_000;

const VALUE = z.union([z.string(), z.array(z.string())], { error: "must be a text, or a list of texts" });
const COUNT = `must be a list of 1 to ${MOST_REQUESTS} requests`;

const REQUEST = only({
  method: textIn(32)
    .transform((method) => method.toUpperCase())
    .prefault("POST"),
  path: textIn(32 * 1024).describe("Path and query, as they are sent on."),
  headers: z
    .record(z.string(), VALUE, { error: "must be an object of header fields by name" })
    .prefault({})
    .describe("`Headgate-…` fields say the same as on a request of its own."),
  body: z
    .unknown()
    .optional()
    .describe("JSON, sent as such; null for none. The value stays as it is, its white space does not."),
  text: z.string("must be a text").optional().describe("The body as text, sent in UTF-8."),
  body_base64: z.base64("must be base64").optional().describe("The body as bytes."),
}).refine(hasOneBodyAtMost, { error: "has one of body, text and body_base64 at most" });

function listOf<Item extends z.ZodType>(item: Item): z.ZodObject<{ requests: z.ZodArray<Item> }> {
  return only({ requests: z.array(item, COUNT).min(1, COUNT).max(MOST_REQUESTS, COUNT) });
}

/** The body of the call, as the document describes it. */
export const BATCH_BODY: z.ZodType = listOf(REQUEST);

/** Says how many there are before it is looked at what they are. */
const ENVELOPE = listOf(z.unknown());

/**
 * Reads the requests of a batch; throws the first thing that is wrong. Whatever is in the text, each step takes a time that
 * grows with its length and no faster: other batches wait for it.
 */
export function readBatch(text: string): readonly Written[] {
  const { requests } = check(ENVELOPE, parse(text), []);
  return requests.map(readOne);
}

function parse(text: string): unknown {
  if (isDeeper(text, DEEPEST)) {
    throw new HeadgateError("invalid_request", `The body is nested more than ${DEEPEST} levels deep.`);
  }
  try {
    return parseExactly(text);
  } catch (cause) {
    throw new HeadgateError("invalid_request", "The body is not valid JSON.", { cause });
  }
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: readonly PropertyKey[],
): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  throw invalidAt([...place, ...(issue?.path ?? []), ...unknown].map(String), issue?.message);
}

function readOne(request: unknown, index: number): Written {
  const place = ["requests", index];
  // Before it is looked at each: there may be millions.
  if (countFields(request) > HEAD_LIMITS.fields) throw largeHead(index);
  const { method, path, ...content } = check(REQUEST, request, place);
  const given = Object.entries((request as { readonly headers?: Fields }).headers ?? {});
  // Of all names zod leaves this one out, and does not look at its value.
  for (const [name, value] of given)
    if (name === "__proto__") check(VALUE, value, [...place, "headers", name]);
  const headers = given.flatMap(([name, value]) => [value].flat().flatMap((each) => [name, each]));
  const isTyped = given.some(([name]) => name.toLowerCase() === "content-type");
  const { type, bytes } = toBytes(content);
  if (type !== null && !isTyped) headers.push("Content-Type", type);
  if (isLargeHead(path, headers)) throw largeHead(index);
  return { method, path, headers, bytes };
}

type Fields = Readonly<Record<string, z.output<typeof VALUE>>>;

function countFields(request: unknown): number {
  const headers = isObject(request) ? request["headers"] : null;
  if (!isObject(headers)) return 0;
  return Object.values(headers).reduce<number>(
    (sum, value) => sum + (Array.isArray(value) ? value.length : 1),
    0,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function largeHead(index: number): HeadgateError {
  return headTooLarge({ index, field: `requests[${index}].headers` });
}

function hasOneBodyAtMost({ body, text, body_base64: base64 }: Content): boolean {
  return [body ?? undefined, text, base64].filter((each) => each !== undefined).length <= 1;
}

/** At most one of these; what is no body at all counts as none. */
interface Content {
  readonly body?: unknown;
  readonly text?: string | undefined;
  readonly body_base64?: string | undefined;
}

function toBytes({ body, text, body_base64: base64 }: Content): {
  readonly type: string | null;
  readonly bytes: Uint8Array;
} {
  if (text !== undefined) return { type: "text/plain; charset=utf-8", bytes: Buffer.from(text) };
  if (base64 !== undefined) return { type: null, bytes: Buffer.from(base64, "base64") };
  if (body === undefined || body === null) return { type: null, bytes: new Uint8Array() };
  return { type: "application/json", bytes: Buffer.from(JSON.stringify(body)) };
}
