import { z } from "zod";
import {
  DURATION_PATTERN,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  SIZE_PATTERN,
} from "../lib/quantity.ts";
import { suggest } from "../lib/suggest.ts";
import { withoutCredentials } from "../lib/url.ts";
import { flawOfHost, flawOfTargetUrl, stripBrackets } from "./address.ts";
import { hint, meantDuration, meantSize } from "./meant.ts";

/** What a value in the file must be. */
export interface Rule<Value> {
  /** In messages, after "must be". */
  readonly allowed: string;
  /** From what stands in the file to the value; its input side becomes the file's JSON Schema. */
  readonly schema: z.ZodType<Value>;
  /** What may help whoever wrote this instead; put after `allowed`. */
  readonly hint?: (written: string) => string;
}

/** A kind of value: how it is written, read, checked and shown. */
export interface Kind<Value> extends Rule<Value> {
  /** In `--help`: `--max-concurrent <n>`. A flag in square brackets may stand without a value. */
  readonly metavar: string;
  /** From a flag or a variable to what would stand in the file. What it cannot read it leaves to the schema to refuse. */
  fromText(text: string): unknown;
  toText(value: Value): string;
  /** What a message may repeat of a wrong value. */
  show(text: string): string;
}

export function integer(least: number, most: number, metavar = "<n>"): Kind<number> {
  return kind({
    metavar,
    allowed: `a whole number from ${least} to ${most}`,
    schema: z.int().min(least).max(most),
    fromText: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : text),
  });
}

export function duration(leastMs: number, most = "3650d"): Kind<number> {
  const mostMs = parseDuration(most) ?? 0;
  const schema = quantity(DURATION_PATTERN, parseDuration, leastMs, mostMs);
  const examples = ["500ms", "30s", "10m", "2h", "7d"].filter((text) => schema.safeParse(text).success);
  const such = examples.join(", ").replace(/, (?=\w+$)/, " or ");
  return kind({
    metavar: "<duration>",
    allowed: `a duration from ${formatDuration(leastMs)} to ${most} such as ${such}; a bare number is seconds`,
    schema,
    hint: hint(schema, meantDuration),
    toText: formatDuration,
  });
}

export function size(leastBytes: number): Kind<number> {
  const most = "1024TiB";
  const schema = quantity(SIZE_PATTERN, parseSize, leastBytes, parseSize(most) ?? 0);
  return kind({
    metavar: "<size>",
    allowed: `a size from ${formatSize(leastBytes)} to ${most} such as 512, 64KiB, 10MB or 1GiB; a bare number is bytes`,
    schema,
    hint: hint(schema, meantSize),
    toText: formatSize,
  });
}

export function oneOf<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  const schema = z.enum(words);
  return kind({
    metavar: `<${words.join("|")}>`,
    allowed: `one of ${words.join(", ")}`,
    schema,
    hint: hint(schema, (written) => suggest(written, words)),
  });
}

const YES_NO: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

export function boolean(): Kind<boolean> {
  return kind({
    metavar: "[true|false]",
    allowed: "true or false",
    schema: z.boolean(),
    hint: (written) => (/^(?:y|yes|no?|on|off)$/i.test(written) ? " (YAML 1.2 knows no yes and no)" : ""),
    fromText: (text) => YES_NO.get(text.toLowerCase()) ?? text,
  });
}

export function path(metavar: string): Kind<string> {
  // NUL ends a path for the operating system; what follows it would be silently ignored.
  return kind({ metavar, allowed: "a path", schema: z.string().regex(/^[^\0]+$/) });
}

export function host(): Kind<string> {
  return kind({
    metavar: "<host>",
    allowed: "a host name or an IP address",
    schema: z.string().superRefine(refuse(flawOfHost)).transform(stripBrackets),
  });
}

export function targetUrl(): Kind<URL> {
  return kind<URL>({
    metavar: "<url>",
    allowed: "an http:// or https:// URL",
    schema: z
      .string()
      .superRefine(refuse(flawOfTargetUrl))
      .transform((text) => new URL(text.replace(/\/+$/, ""))),
    toText: ({ origin, pathname }) => origin + (pathname === "/" ? "" : pathname),
    show: withoutCredentials,
  });
}

/** A prefix of paths: empty, or segments of RFC 3986 unreserved characters that no normalisation changes. */
export function pathPrefix(): Kind<string> {
  return kind({
    metavar: "<path>",
    allowed: "empty, or a path such as /_headgate: a slash, letters, digits and - . _ ~, no slash at the end",
    schema: z.string().regex(/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/),
  });
}

export function addresses(): Kind<readonly string[]> {
  return kind<readonly string[]>({
    metavar: "<addresses>",
    allowed:
      "a list of IP addresses and CIDR ranges such as 10.0.0.0/8 or ::1 (separated by commas outside the file)",
    schema: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).readonly(),
    fromText: (text) => text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()])),
    toText: (list) => list.join(","),
  });
}

/** The value that is meant, or what is wrong with it in words that follow "must". */
export type Verdict<Value> = { readonly flaw: null; readonly value: Value } | { readonly flaw: string };

export function judge<Value>(rule: Rule<Value>, written: unknown): Verdict<Value> {
  const result = rule.schema.safeParse(written);
  if (result.success) return { flaw: null, value: result.data };
  const custom = result.error.issues.find(({ code }) => code === "custom");
  return { flaw: custom?.message ?? `be ${rule.allowed}${helpWith(rule, written)}` };
}

function helpWith({ schema, hint }: Rule<unknown>, written: unknown): string {
  if (typeof written !== "string") return "";
  if (schema.safeParse(withoutQuotes(written)).success) return "; without quotes";
  return hint?.(written) ?? "";
}

/** What YAML makes of `3` and `true` that are not in quotes. */
function withoutQuotes(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

type Described<Value> = Pick<Kind<Value>, "metavar" | "allowed" | "schema"> & Partial<Kind<Value>>;

function kind<Value>(described: Described<Value>): Kind<Value> {
  return Object.freeze({
    fromText: (text: string) => text,
    toText: String,
    show: (text: string) => text,
    ...described,
  });
}

/** A number, or text with a unit, as a whole number of the smallest unit. */
function quantity(
  pattern: RegExp,
  parse: (text: string) => number | null,
  least: number,
  most: number,
): z.ZodType<number> {
  const isAllowed = (amount: number | null): amount is number =>
    amount !== null && amount >= least && amount <= most;
  return z.union([z.number().min(0), z.string().regex(pattern)]).transform((written, context) => {
    const amount = parse(String(written));
    if (isAllowed(amount)) return amount;
    context.addIssue({ code: "invalid_value", values: [], input: written });
    return z.NEVER;
  });
}

/** Lets a value pass unless something is wrong with it, which becomes the message. */
export function refuse(
  flawOf: (text: string) => string | null,
): (text: string, context: z.RefinementCtx) => void {
  return (text, context) => {
    const flaw = flawOf(text);
    if (flaw !== null) context.addIssue({ code: "custom", message: flaw });
  };
}
