import { z } from "zod";
import { suggest } from "../lib/suggest.ts";
import { parseRate, RATE_PATTERN, type Rate } from "../task/lane.ts";
import { flawOfTargetUrl } from "./address.ts";
import { duration, refuse, type Rule } from "./kind.ts";
import { hint, meantDuration, meantMethod, meantRate } from "./meant.ts";
import { flawOfHostPattern, flawOfPath, NAME_PATTERN, normalHost } from "./pattern.ts";
import { didYouMean } from "./problem.ts";

/** What values of routes and targets must be, besides the kinds that options have. */

export function name(): Rule<string> {
  return {
    allowed: "1 to 64 letters, digits and - _ .",
    schema: z.string().regex(NAME_PATTERN),
  };
}

/** As `Headgate-Client` has them. */
export function clientName(): Rule<string> {
  return {
    allowed: "1 to 128 printable characters without spaces",
    schema: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  };
}

export function pathPattern(): Rule<string> {
  return {
    allowed:
      "a path such as /v1/images, with * for one segment and ** at the end for any number; / for everything",
    schema: z.string().superRefine(refuse(flawOfPath)),
  };
}

export function hostPattern(): Rule<string> {
  return {
    allowed: "a host name or an IP address without a port, or *.example.com for all names below",
    schema: z.string().superRefine(refuse(flawOfHostPattern)).transform(normalHost),
  };
}

export function method(): Rule<string> {
  return {
    allowed: "an HTTP method such as POST",
    // A token (RFC 9110 9.1, 5.6.2).
    schema: z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)
      .superRefine(refuse(flawOfMethod))
      .transform((text) => text.toUpperCase()),
  };
}

function flawOfMethod(text: string): string | null {
  const meant = meantMethod(text);
  return meant === null ? null : `be an HTTP method${didYouMean(meant)}`;
}

/** The name of targets, or one as a URL. */
export function namedTarget(): Rule<string | URL> {
  return {
    allowed: "a name out of `targets`, or an http:// or https:// URL",
    schema: z
      .string()
      .superRefine(
        refuse((text) => {
          if (text.includes("/")) return flawOfTargetUrl(text);
          return NAME_PATTERN.test(text) ? null : "be a name out of `targets`, or an http:// or https:// URL";
        }),
      )
      .transform((text) => (text.includes("/") ? new URL(text.replace(/\/+$/, "")) : text)),
  };
}

export function concurrency(): Rule<number | "auto"> {
  return {
    allowed: "a whole number from 1 to 100000, or auto",
    schema: z.union([z.int().min(1).max(100_000), z.literal("auto")]),
    hint: nearest("auto"),
  };
}

export function rate(): Rule<Rate> {
  const schema = parsed(z.string().regex(RATE_PATTERN), parseRate);
  return {
    allowed: "a number in a time such as 50/s, 10/m, 1000/h or 5/d",
    schema,
    hint: hint(schema, meantRate),
  };
}

/** A share of one. */
export function share(): Rule<number> {
  return {
    allowed: "a share such as 10%, or a number from 0 to 1",
    schema: parsed(z.union([z.number().min(0).max(1), z.string().regex(/^\d{1,3}(\.\d+)?%$/)]), (written) => {
      const part = typeof written === "number" ? written : Number(written.slice(0, -1)) / 100;
      return part <= 1 ? part : null;
    }),
  };
}

/** A client's share among others. */
export function weight(): Rule<number> {
  return { allowed: "a number from 0.01 to 1000", schema: z.number().min(0.01).max(1_000) };
}

/** A status, or all of a class. */
export function statuses(): Rule<readonly number[]> {
  return {
    allowed: "a status from 200 to 599, or a class of them: 2xx, 3xx, 4xx, 5xx",
    schema: z
      .union([z.int().min(200).max(599), z.enum(["2xx", "3xx", "4xx", "5xx"])])
      .transform((written) =>
        typeof written === "number"
          ? [written]
          : Array.from({ length: 100 }, (_, i) => Number(written[0]) * 100 + i),
      ),
  };
}

export function retryCause(): Rule<number | "connect" | "timeout" | "reset"> {
  return {
    allowed: "a status from 400 to 599, connect, timeout or reset",
    schema: z.union([z.int().min(400).max(599), z.enum(["connect", "timeout", "reset"])]),
    hint: nearest("connect", "timeout", "reset"),
  };
}

/** In place of all that could be said about retries. */
export function off(): Rule<"off"> {
  return {
    allowed: "off or false",
    schema: z.union([z.literal("off"), z.literal(false)]).transform(() => "off" as const),
  };
}

/** A time that may be none at all. */
export function durationOrOff(most: string): Rule<number> {
  const { allowed, schema } = duration(0, most);
  const either = z.union([schema, off().schema.transform(() => 0)]);
  return { allowed: `${allowed}; off and false are 0s`, schema: either, hint: hint(either, meantDuration) };
}

/** How long an answer that says nothing about it is fresh. */
export function freshness(): Rule<number | "from_headers"> {
  const schema = z.union([z.literal("from_headers"), duration(1).schema]);
  return {
    allowed: "from_headers, or a duration such as 5m",
    schema,
    hint: hint(schema, (written) => meantDuration(written) ?? suggest(written, ["from_headers"])),
  };
}

export function hashKey(): Rule<"path" | { readonly header: string }> {
  return {
    allowed: "path, or header: and the name of a header field, such as header:X-User",
    schema: z
      .string()
      .regex(/^(?:path|header:[A-Za-z0-9!#$%&'*+.^_`|~-]+)$/)
      .transform((text) => (text === "path" ? text : { header: text.slice("header:".length).toLowerCase() })),
  };
}

/** What a health check asks for. */
export function requestPath(): Rule<string> {
  return { allowed: "a path such as /health", schema: z.string().regex(/^\/[!-"$-~]*$/) };
}

function nearest(...words: readonly string[]): (written: string) => string {
  return (written) => didYouMean(suggest(written, words));
}

/** What passes the schema and yet is nothing to the parser is refused like the rest. */
function parsed<Text, Value>(schema: z.ZodType<Text>, parse: (text: Text) => Value | null): z.ZodType<Value> {
  return schema.transform((written, context) => {
    const value = parse(written);
    if (value !== null) return value;
    context.addIssue({ code: "invalid_value", values: [], input: written });
    return z.NEVER;
  });
}
