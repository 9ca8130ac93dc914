import type { RawHeaders } from "./task.ts";

/** The first value of a field, or undefined. */
export function headerValue(headers: RawHeaders, lowerCaseName: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) return headers[i + 1];
  }
  return undefined;
}
