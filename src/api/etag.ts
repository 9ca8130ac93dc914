import type { Found } from "../store/store.ts";
import type { Hold } from "../task/hold.ts";

/**
 * Weak (RFC 9110 8.8.1): it stands for where the task is. The seconds that pass meanwhile are not part of it, or no
 * two answers about a running task would ever be the same.
 */
export function taskTag({ task, position }: Found, waits: Hold | null, isLong: boolean): string {
  const { state, reason, attempts, priority, notBefore, progress } = task;
  return `W/"${state}-${reason}-${attempts.length}-${priority}-${notBefore ?? ""}-${position ?? ""}-${holdTag(waits)}-${isLong ? 1 : 0}-${progress?.at ?? ""}"`;
}

/** To the second: the end of a wait that is worked out anew with each look moves by less while nothing happens. */
function holdTag(hold: Hold | null): string {
  return hold === null ? "" : `${hold.kind}${Math.round((hold.until ?? 0) / 1_000)}`;
}

/** `If-None-Match` (RFC 9110 13.1.2), compared weakly. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((each) => {
    const candidate = each.trim();
    return candidate === "*" || candidate === tag || `W/${candidate}` === tag;
  });
}
