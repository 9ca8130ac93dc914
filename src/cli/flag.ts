import { type Command, InvalidArgumentError, Option } from "commander";
import type { TaskStatus } from "../../client/views.ts";
import { CLIENT_VARIABLES } from "../config/environment.ts";
import { IDEMPOTENCY_KEY, parseIdempotencyKey } from "../lib/idempotency-key.ts";
import { parseDuration } from "../lib/quantity.ts";

/** What the client commands take on the command line. Whatever is wrong is said before anything is sent. */

/** Every state once: the compiler refuses a list that misses one. */
export const STATES: readonly TaskStatus[] = Object.keys({
  pending: true,
  processing: true,
  completed: true,
  failed: true,
  cancelled: true,
} satisfies Record<TaskStatus, true>) as readonly TaskStatus[];

const CONNECTION = "Options of every client command:";

/** Where the server is, and how it answers for scripts. */
export function addConnectionFlags(command: Command): Command {
  return command
    .optionsGroup(CONNECTION)
    .option(
      "--url <url>",
      `where Headgate is (default: ${CLIENT_VARIABLES.url}, else http://localhost:8080)`,
      httpUrl,
    )
    .option("--key <key>", `visible to others in the list of processes: prefer ${CLIENT_VARIABLES.key}`)
    .option("--control-prefix <path>", "of the server, where it has one (default: HEADGATE_CONTROL_PREFIX)")
    .option("--json", "JSON, for programs");
}

/** Which tasks: all that is given must hold. */
export function addFilterFlags(command: Command): Command {
  return command
    .optionsGroup("Which tasks (all that is given must hold):")
    .addOption(new Option("--status <state>").choices(STATES))
    .option("--route <name>")
    .option("--method <method>")
    .option("--path <path>", "what the path begins with")
    .option("--since <when>", "accepted at or after: an ISO time, or so long ago, such as 2h", pastInstant)
    .option("--until <when>", "accepted before", pastInstant)
    .option("--label <key=value>", "has the label", label)
    .option("--client <name>")
    .option("--batch <id>")
    .option("-s, --search <text>", "part of the id or of the path");
}

/** Takes back a change that was made while running. */
export const AS_CONFIGURED = "default";

export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}

export function atLeastZero(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a number, 0 or more.");
}

export function duration(text: string): string {
  durationMs(text);
  return text;
}

export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError("It is a duration such as 90, 500ms, 10s, 5m, 2h or 1d.");
}

/** RFC 3339 5.6. Without a zone it would mean another instant here than at the server. */
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;

/** No duration: what `--since` takes for so long ago could only be meant as so long from now. */
export function futureInstant(text: string): string {
  if (ISO_INSTANT.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError(
    "It is an ISO time with its zone, such as 2026-02-04T03:04:05Z; --delay takes a duration.",
  );
}

/** An ISO time as it stands; a duration as so long ago, which is worked out when the command runs. */
function pastInstant(text: string): string {
  if (parseDuration(text) !== null || !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError(
    "It is an ISO time such as 2026-02-04T03:04:05Z, or so long ago, such as 2h.",
  );
}

function label(text: string): string {
  if (/^[^=]+=/.test(text)) return text;
  throw new InvalidArgumentError("It is key=value.");
}

export function labels(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = label(text).indexOf("=");
  if (!/^[\w.-]{1,64}=[ -+\--~]{0,256}$/.test(text)) {
    throw new InvalidArgumentError(
      "The key is letters, digits, dots, dashes and underscores, the value ASCII without a comma.",
    );
  }
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** What a header field can hold that is one word. */
export function asciiWord(most: number): (text: string) => string {
  return (text) => {
    if (/^[!-~]+$/.test(text) && text.length <= most) return text;
    throw new InvalidArgumentError(`It is 1 to ${most} ASCII characters without spaces.`);
  };
}

export function idempotencyKey(text: string): string {
  if (parseIdempotencyKey(text) !== null) return text;
  throw new InvalidArgumentError(`It is ${IDEMPOTENCY_KEY}.`);
}

export type HeaderLine = readonly [name: string, value: string];

/** RFC 9110 5.1 and 5.5: a token, and no control characters. */
export function header(text: string, before: readonly HeaderLine[] = []): readonly HeaderLine[] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\u0080-\u00FF]*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [...before, [name, value]];
  throw new InvalidArgumentError("It is 'Name: value'.");
}

export type FormPart = readonly [name: string, content: string];

export function formPart(text: string, before: readonly FormPart[] = []): readonly FormPart[] {
  const equals = text.indexOf("=");
  if (equals > 0) return [...before, [text.slice(0, equals), text.slice(equals + 1)]];
  throw new InvalidArgumentError("It is name=text or name=@file.");
}

export function taskId(text: string): string {
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It is the id of a task, such as 0196d3a0-5c5e-7c3a-9d0e-3b1f6a2c4d5e.");
}

export function taskIds(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, taskId(text)];
}

export function requestPath(text: string): string {
  if (/^\/[!-~\u0080-\u{10FFFF}]*$/u.test(text)) return text;
  throw new InvalidArgumentError("It begins with / and has no spaces; --url says where Headgate is.");
}

export function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return text;
  throw new InvalidArgumentError("It begins with http:// or https://.");
}
