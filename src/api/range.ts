import type { ByteRange } from "../store/store.ts";

/**
 * The one range that `Range` asks for (RFC 9110 14.2): null when the field is to be ignored, because it is malformed,
 * of another unit, or asks for several; "unsatisfiable" when no byte of it exists.
 */
export function parseRange(field: string, sizeBytes: number): ByteRange | "unsatisfiable" | null {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(field);
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") {
    const start = Math.max(0, sizeBytes - Number(last));
    return start < sizeBytes ? { start, end: sizeBytes - 1 } : "unsatisfiable";
  }
  const start = Number(first);
  const end = last === "" ? Infinity : Number(last);
  if (end < start) return null;
  return start < sizeBytes ? { start, end: Math.min(end, sizeBytes - 1) } : "unsatisfiable";
}
