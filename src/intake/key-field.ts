import type { LaneConfig } from "../config/config.ts";
import type { Caller } from "../task/caller.ts";
import type { RawHeaders } from "../task/task.ts";

/**
 * The fields of a request as they are stored: without the key. In its place stands whose it is, so that the cache keeps
 * clients apart; the target sees neither.
 */
export function withoutKey(
  headers: RawHeaders,
  { name, client }: Pick<Caller, "name" | "client">,
  keyIn: LaneConfig["keyIn"],
): RawHeaders {
  const isKeyIn = (field: string): boolean => name !== null && keyIn === "authorization" && field === keyIn;
  let kept: string[] | null = null;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const field = headers[i] as string;
    // Most have no key: nothing is copied for them.
    if (field.length < SHORTEST || field.length > LONGEST) {
      kept?.push(field, headers[i + 1] as string);
      continue;
    }
    const lower = field.toLowerCase();
    if (lower === "headgate-key" || isKeyIn(lower)) kept ??= headers.slice(0, i);
    else kept?.push(field, headers[i + 1] as string);
  }
  // A request of a batch has no key of its own, and is its client's all the same.
  if (name !== null && client !== null) return [...(kept ?? headers), "Headgate-Key", client];
  return kept ?? headers;
}

const SHORTEST = "headgate-key".length;
const LONGEST = "authorization".length;
