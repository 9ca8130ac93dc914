import { splitUnquoted } from "./quoted.ts";

/** How a client is answered: by what its route says, or by what it prefers itself (RFC 7240). */
export interface Preference {
  /** How long its connection is held for the answer itself; 0 for not at all. */
  readonly waitMs: number;
  /** `Preference-Applied` beside the answer itself, and beside a receipt; null where it preferred nothing of the kind. */
  readonly appliedToAnswer: string | null;
  readonly appliedToReceipt: string | null;
}

/** Longer waits are cut to this: load balancers give up on a silent connection after it, by default. */
const LONGEST_WAIT_SECONDS = 60;

/**
 * `wait=10` holds the connection for so long (RFC 7240 4.3), `respond-async` not at all (4.1); together they ask for the
 * answer if it comes in time. A preference is a wish: what is unknown or malformed in the field counts as absent (2).
 */
export function readPreference(field: string | undefined, routeWaitMs: number): Preference {
  const byRoute = Math.min(routeWaitMs, LONGEST_WAIT_SECONDS * 1_000);
  if (field === undefined) return { waitMs: byRoute, appliedToAnswer: null, appliedToReceipt: null };
  const preferred = readMembers(field);
  const seconds = readSeconds(preferred.get("wait"));
  const isAsync = preferred.get(ASYNC) === "";
  const wait = seconds === null ? null : `wait=${seconds}`;
  const applied = [isAsync ? ASYNC : null, wait].filter((each) => each !== null);
  return {
    waitMs: seconds === null ? (isAsync ? 0 : byRoute) : seconds * 1_000,
    appliedToAnswer: wait,
    appliedToReceipt: applied.length === 0 ? null : applied.join(", "),
  };
}

const ASYNC = "respond-async";

/** What is left of a preference when its client does not wait: too many do, or its answer cannot come in time. */
export function withoutWait(preference: Preference): Preference {
  if (preference.waitMs === 0) return preference;
  const isAsync = preference.appliedToReceipt?.startsWith(ASYNC) === true;
  return { waitMs: 0, appliedToAnswer: null, appliedToReceipt: isAsync ? ASYNC : null };
}

/** Preferences by their names, an empty value being as good as none. Of several of a name the first counts (RFC 7240 2). */
function readMembers(field: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const member of splitUnquoted(field, ",") ?? []) {
    const match = PREFERENCE.exec(splitUnquoted(member, ";")?.[0]?.trim() ?? "");
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || found.has(name)) continue;
    found.set(name, match?.[2] ?? match?.[3] ?? "");
  }
  return found;
}

/** Trimmed. No two parts of it can take the same characters: a long field is refused in one pass, not in its square. */
const PREFERENCE = /^([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)")?)?$/;

function readSeconds(value: string | undefined): number | null {
  if (value === undefined || !/^\d+$/.test(value)) return null;
  return Math.min(Number(value), LONGEST_WAIT_SECONDS);
}
