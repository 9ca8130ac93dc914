import { parseTime } from "../lib/clock.ts";
import { HeadgateError } from "../lib/error.ts";
import { parseDuration } from "../lib/quantity.ts";
import { suggest } from "../lib/suggest.ts";
import { type Labels, PRIORITY, type RawHeaders } from "../task/task.ts";
import { parseCallbackUrl } from "./callbacks.ts";
import { addLabels } from "./label.ts";
import { priorityOfUrgency } from "./urgency.ts";

/** What a client asks of Headgate itself, in `Headgate-…` request headers. */
export interface Directives {
  readonly priority: number;
  /** Not to be started before: a wait from acceptance, or an instant (ms since the epoch). */
  readonly delayMs: number | null;
  readonly notBefore: number | null;
  /** To be given up when not started this long after it fell due. */
  readonly startWithinMs: number | null;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly labels: Labels;
  /** The name the client gave itself. */
  readonly client: string | null;
  /** Cancel the task when its client leaves while it waits for the answer. */
  readonly cancelWhenLeft: boolean;
  /** Where it wants to be told of the end. */
  readonly callback: string | null;
}

/** What the lane gives to requests that ask for nothing. */
export interface Defaults {
  readonly priority: number;
  readonly startWithinMs: number | null;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
}

/**
 * Reads the directives of a request. Throws `invalid_request` naming the header: a misspelt or malformed directive that
 * was ignored would run a task at the wrong time, or twice, and nobody would know.
 */
export function readDirectives(raw: RawHeaders, defaults: Defaults): Directives {
  let draft: Draft | undefined;
  let urgency: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === 8 && name.toLowerCase() === "priority") {
      urgency = urgency === undefined ? raw[i + 1] : `${urgency},${raw[i + 1]}`;
    } else if (isDirective(name)) {
      draft ??= emptyDraft(defaults);
      readOne(draft, name, raw[i + 1] as string, defaults);
    }
  }
  const byUrgency = urgency === undefined ? null : priorityOfUrgency(urgency);
  const fallback = byUrgency ?? defaults.priority;
  if (draft === undefined) return { ...UNASKED, ...pick(defaults), priority: fallback };
  if (draft.delayMs !== null && draft.notBefore !== null) {
    throw invalid("Headgate-Not-Before", "Give Headgate-Delay or Headgate-Not-Before, not both.");
  }
  const { seen: _, priority, ...asked } = draft;
  return { ...asked, priority: priority ?? fallback };
}

/** Throws `invalid_request` for a task that would keep its place in the queue for years. */
export function refuseFarFuture({ notBefore }: Directives, now: number): void {
  if (notBefore === null || notBefore - now <= LONGEST_WAIT_MS) return;
  throw invalid("Headgate-Not-Before", "Headgate-Not-Before is at most 366 days ahead.");
}

type Draft = { -readonly [Key in Exclude<keyof Directives, "priority" | "labels">]: Directives[Key] } & {
  priority: number | null;
  labels: Record<string, string>;
  readonly seen: Set<string>;
};

type Reader = (draft: Draft, value: string, name: string, defaults: Defaults) => void;

const UNASKED: Omit<Directives, keyof Defaults> = Object.freeze({
  delayMs: null,
  notBefore: null,
  labels: Object.freeze({}),
  client: null,
  cancelWhenLeft: false,
  callback: null,
});

const LONGEST_WAIT_MS = 366 * 86_400_000;
const MOST_ATTEMPTS = 100;
const LONGEST_CLIENT_NAME = 128;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    "headgate-priority",
    (draft, value, name) => (draft.priority = whole(value, name, PRIORITY.lowest, PRIORITY.highest)),
  ],
  [
    "headgate-delay",
    (draft, value, name) => (draft.delayMs = duration(value, name, LONGEST_WAIT_MS, "366d")),
  ],
  ["headgate-not-before", (draft, value, name) => (draft.notBefore = instant(value, name))],
  [
    "headgate-start-within",
    (draft, value, name) => (draft.startWithinMs = duration(value, name, LONGEST_WAIT_MS, "366d")),
  ],
  // The limit of the lane protects the target's slots, so a client may only shorten it.
  [
    "headgate-timeout",
    (draft, value, name, lane) => (draft.timeoutMs = timeout(value, name, lane.timeoutMs)),
  ],
  [
    "headgate-max-attempts",
    (draft, value, name) => (draft.maxAttempts = whole(value, name, 1, MOST_ATTEMPTS)),
  ],
  ["headgate-label", (draft, value, name) => addLabels(draft.labels, value, (why) => invalid(name, why))],
  ["headgate-client", (draft, value, name) => (draft.client = clientName(value, name))],
  // Read by the cache, from the stored request.
  ["headgate-cache", (_draft, value, name) => only("no-store", value, name)],
  ["headgate-abandon", (draft, value, name) => (draft.cancelWhenLeft = only("cancel", value, name))],
  ["headgate-key", ignore],
  // Read by `idempotency.ts`.
  ["headgate-idempotency-key", ignore],
  ["headgate-callback", (draft, value, name) => (draft.callback = callback(value, name))],
  // What a Headgate adds on its way out; here it stands in front of this one.
  ["headgate-task-id", ignore],
  ["headgate-attempt", ignore],
  ["headgate-progress-url", ignore],
  ["headgate-progress-token", ignore],
]);

/** The names offered to somebody who misspelt one. */
const OFFERED: readonly string[] = [
  "Headgate-Priority",
  "Headgate-Delay",
  "Headgate-Not-Before",
  "Headgate-Start-Within",
  "Headgate-Timeout",
  "Headgate-Max-Attempts",
  "Headgate-Label",
  "Headgate-Client",
  "Headgate-Cache",
  "Headgate-Abandon",
  "Headgate-Callback",
  "Headgate-Idempotency-Key",
];

function readOne(draft: Draft, name: string, value: string, defaults: Defaults): void {
  const lower = name.toLowerCase();
  const read = READERS.get(lower);
  if (read === undefined) {
    const meant = suggest(name, OFFERED);
    const hint = meant === null ? `It knows ${OFFERED.join(", ")}.` : `Did you mean ${meant}?`;
    throw invalid(name, `Headgate knows no request header ${name}. ${hint}`);
  }
  if (draft.seen.has(lower) && lower !== "headgate-label") throw invalid(name, `${name} is given twice.`);
  draft.seen.add(lower);
  read(draft, value.trim(), name, defaults);
}

function isDirective(name: string): boolean {
  return (
    (name.charCodeAt(0) | 0x20) === 0x68 && name.length > 9 && name.slice(0, 9).toLowerCase() === "headgate-"
  );
}

function emptyDraft(defaults: Defaults): Draft {
  return { ...UNASKED, ...pick(defaults), priority: null, labels: {}, seen: new Set() };
}

function pick({ startWithinMs, timeoutMs, maxAttempts }: Defaults): Omit<Defaults, "priority"> {
  return { startWithinMs, timeoutMs, maxAttempts };
}

function whole(value: string, name: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw invalid(name, `${name} is a whole number from ${least} to ${most}.`);
}

function duration(value: string, name: string, mostMs: number, most: string): number {
  const ms = parseDuration(value);
  if (ms !== null && ms <= mostMs) return ms;
  throw invalid(
    name,
    `${name} is a duration such as 90, 500ms, 10s, 5m, 2h or 1d (a bare number is seconds), at most ${most}.`,
  );
}

function timeout(value: string, name: string, mostMs: number): number {
  const ms = duration(value, name, mostMs, `${mostMs / 1_000}s`);
  if (ms > 0) return ms;
  throw invalid(name, `${name} is longer than nothing.`);
}

/** `Date.parse` takes nearly anything and reads zoneless times as local: only the two unambiguous forms are let through. */
function instant(value: string, name: string): number {
  const epochMs = HTTP_DATE.test(value) || ISO_INSTANT.test(value) ? parseTime(value) : null;
  if (epochMs !== null) return epochMs;
  throw invalid(name, `${name} is an instant such as 2026-02-04T03:04:05Z or Wed, 04 Feb 2026 03:04:05 GMT.`);
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

function clientName(value: string, name: string): string {
  if (value.length <= LONGEST_CLIENT_NAME && /^[\x21-\x7e]+$/.test(value)) return value;
  throw invalid(name, `${name} is 1 to ${LONGEST_CLIENT_NAME} printable characters without spaces.`);
}

function callback(value: string, name: string): string {
  const url = parseCallbackUrl(value);
  if (url !== null) return url;
  throw invalid(
    name,
    `${name} is one http:// or https:// URL of at most 2048 characters, without user name, password and fragment.`,
  );
}

function only(allowed: string, value: string, name: string): true {
  if (value.toLowerCase() === allowed) return true;
  throw invalid(name, `${name} can only be ${allowed}.`);
}

function ignore(): void {}

function invalid(field: string, message: string): HeadgateError {
  return new HeadgateError("invalid_request", message, { field });
}
