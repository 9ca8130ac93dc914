import { z } from "zod";
import { parseTime } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";

/** The pieces of which input schemas are made. A message follows the name of what is wrong: `limit must be …`. */

/** Refuses members it does not know: a misspelt filter that was ignored would match everything. */
export function only<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? `is not one of ${known}` : "must be a JSON object"),
  });
}

/** A number in a query; text that is none, such as the nothing of an unset shell variable, is refused. */
export function numberIn(inner: z.ZodNumber): z.ZodPreprocess<z.ZodNumber> {
  return z.preprocess(
    (text) => (typeof text === "string" && DECIMAL.test(text) ? Number(text) : text),
    inner,
  );
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

export function instantIn(): z.ZodType<number, string> {
  const error = "must be an ISO 8601 time, such as 2026-02-04T03:04:05Z (in a query + is %2B)";
  return z
    .string({ error })
    .refine((text) => ISO_TIME.test(text) && parseTime(text) !== null, { error })
    .meta({ format: "date-time" })
    .transform((text) => parseTime(text) as number);
}

/** A time without an offset would mean another instant on each machine. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

export function textIn(longest = 2_048): z.ZodString {
  const error = `must be given once, with 1 to ${longest} characters`;
  return z.string({ error }).min(1, { error }).max(longest, { error });
}

export function taskIdIn(error = "must be a UUID"): z.ZodType<string, string> {
  return z.uuid({ error }).transform((id) => id.toLowerCase());
}

export interface TaskParams {
  readonly id: string;
}

export const TASK_PARAMS: z.ZodType<TaskParams> = z.object({ id: taskIdIn() });

export function unknownTask(): HeadgateError {
  return new HeadgateError("not_found", "There is no such task; it may have been deleted.");
}
