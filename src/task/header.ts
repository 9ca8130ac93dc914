import { type ErrorDetails, HeadgateError } from "../lib/error.ts";
import type { RawHeaders } from "./task.ts";

/** The largest head of a request, whichever way it comes: the bytes of path and fields, and the number of those. */
export const HEAD_LIMITS: { readonly bytes: number; readonly fields: number } = Object.freeze({
  bytes: 32 * 1024,
  fields: 256,
});

/** Of a head that was written down, not sent. */
export function isLargeHead(path: string, headers: RawHeaders): boolean {
  if (headers.length > HEAD_LIMITS.fields * 2) return true;
  return headers.reduce((sum, { length }) => sum + length, path.length) > HEAD_LIMITS.bytes;
}

export function headTooLarge(place: Pick<ErrorDetails, "field" | "index">): HeadgateError {
  const { bytes, fields } = HEAD_LIMITS;
  const message = `Path and headers are ${bytes} bytes and ${fields} fields at most.`;
  return new HeadgateError("headers_too_large", message, place);
}

/** The first value of a field, or undefined. */
export function headerValue(headers: RawHeaders, lowerCaseName: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) return headers[i + 1];
  }
  return undefined;
}
