import type { z } from "zod";
import { didYouMean } from "./problem.ts";

/** "; did you mean 30s?", of a guess that would pass; else nothing. */
export function hint(
  schema: z.ZodType,
  guess: (written: string) => string | null,
): (written: string) => string {
  return (written) => {
    const meant = guess(written);
    return didYouMean(meant !== null && schema.safeParse(meant).success ? meant : null);
  };
}

/** Of `match:/a`, which YAML takes for text. */
export function missingSpace(written: string): string {
  return /^[\w-]+:(?!\s|\/\/|$)/.test(written) ? "; is a space missing after the colon?" : "";
}

/** `30 sec` → `30s` */
export function meantDuration(written: string): string | null {
  const [, amount = "", word = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(written) ?? [];
  const unit = unitOfTime(word);
  return unit === null ? null : amount + unit;
}

/** `5/sec`, `5 per second` → `5/s` */
export function meantRate(written: string): string | null {
  const [, count = "", word = ""] = /^\s*(\d+)\s*(?:\/|per\b)\s*([a-z]+)\s*$/i.exec(written) ?? [];
  const unit = unitOfTime(word);
  return unit === null ? null : `${count}/${unit}`;
}

const UNITS_OF_TIME: readonly (readonly [unit: string, words: RegExp])[] = [
  ["ms", /^(?:ms|msecs?|milli(?:second)?s?)$/i],
  ["s", /^s(?:ecs?|econds?)?$/i],
  ["m", /^m(?:ins?|inutes?)?$/i],
  ["h", /^h(?:rs?|ours?)?$/i],
  ["d", /^d(?:ays?)?$/i],
];

function unitOfTime(word: string): string | null {
  return UNITS_OF_TIME.find(([, words]) => words.test(word))?.[0] ?? null;
}

/** `64 mib` → `64MiB`; of `64M` nobody knows whether it is binary or decimal. */
export function meantSize(written: string): string | null {
  const [, amount, prefix = "", binary = ""] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b\s*$/i.exec(written) ?? [];
  return amount === undefined ? null : `${amount}${prefix.toUpperCase()}${binary.toLowerCase()}B`;
}

/** RFC 9110 9.3, RFC 5789 */
const METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];

/** The standard method that this is one slip away from. More would be too much: LIST and REPORT are methods, too. */
export function meantMethod(written: string): string | null {
  const upper = written.toUpperCase();
  if (METHODS.includes(upper)) return null;
  return METHODS.find((method) => isOneSlip(upper, method)) ?? null;
}

/** A letter too many, too few or another one, or two neighbours swapped. */
function isOneSlip(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (restA.length <= 1 && restB.length <= 1) return true;
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}
