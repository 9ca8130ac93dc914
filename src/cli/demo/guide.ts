import { STATUS_CODES } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { TaskView } from "../../../client/views.ts";
import type { Language } from "../../lib/language.ts";
import { print } from "../terminal.ts";
import { type Call, curl } from "./curl.ts";
import type { Stage } from "./stage.ts";

export type Words = Readonly<Record<Language, string>>;

/** What the tour claims did not happen. */
export class NotShownError extends Error {}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Its JSON; an empty object when it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What of an answer is printed: header fields by name, members by path (`data.position`). Without either, its beginning. */
export interface Shown {
  readonly fields?: readonly string[];
  readonly members?: readonly string[];
}

/** Leads through a step: makes the calls that it prints. */
export interface Guide {
  readonly stage: Stage;
  readonly signal: AbortSignal;
  readonly headgateUrl: string;
  say(words: Words): void;
  /** Lines that are neither words nor a call's: what comes on a stream. */
  show(lines: readonly string[]): void;
  call(call: Call, shown?: Shown): Promise<Answer>;
  /** Submits, and answers the id; throws unless it was accepted. */
  submit(call: Call, shown?: Shown): Promise<string>;
  /** The task once it has ended. */
  ended(id: string, shown?: Shown): Promise<TaskView>;
  /** Looks without printing until the task is as wanted. */
  until(id: string, fits: (task: TaskView) => boolean): Promise<TaskView>;
  /** Throws a `NotShownError` unless it is so. */
  check(holds: boolean, claim: string): void;
}

export interface TourStep {
  readonly title: Words;
  /** Throws unless it could show what it claims. */
  show(guide: Guide): Promise<void>;
}

const LOOK_EACH_MS = 40;
const LOOKS = 1_500;
const LONGEST_LINE = 160;

export function createGuide(stage: Stage, locale: Language, signal: AbortSignal): Guide {
  const { url } = stage;

  async function ask({ method, path, headers = [], json }: Call): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method: method ?? (json === undefined ? "GET" : "POST"),
      headers: [
        ...headers.map(([name, value]): [string, string] => [name, value]),
        ...(json === undefined ? [] : [["Content-Type", "application/json"] as [string, string]]),
      ],
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      signal,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  async function call(request: Call, shown: Shown = {}): Promise<Answer> {
    print(`  $ ${curl(request, url, shown.fields !== undefined)}`);
    const answer = await ask(request);
    print(
      linesOf(answer, shown)
        .map((line) => `  < ${line}`)
        .join("\n"),
    );
    return answer;
  }

  function check(holds: boolean, claim: string): void {
    if (!holds) throw new NotShownError(claim);
  }

  return {
    stage,
    signal,
    headgateUrl: url,
    say: (words) => print(`\n  ${words[locale].replaceAll("\n", "\n  ")}\n`),
    show: (lines) => print(lines.map((line) => `  < ${line}`).join("\n")),
    call,
    async submit(request, shown = { members: ["task_id", "status"] }) {
      const { status, json } = await call({ method: "POST", ...request }, shown);
      check(status === 202, `202 for ${request.path}, and not ${status}`);
      return String(json["task_id"]);
    },
    async ended(id, shown = { members: ["status", "result"] }) {
      const { json } = await call({ path: `/task/${id}?wait=30` }, shown);
      return json as unknown as TaskView;
    },
    async until(id, fits) {
      for (let look = 0; look < LOOKS; look++) {
        const task = (await ask({ path: `/task/${id}` })).json as unknown as TaskView;
        if (fits(task)) return task;
        await pause(LOOK_EACH_MS, null, { signal });
      }
      throw new NotShownError(`task ${id} in the state that the step is about`);
    },
    check,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object) };
  } catch {
    return {};
  }
}

function linesOf({ status, headers, json, text }: Answer, { fields, members }: Shown): readonly string[] {
  const lines = [`${status} ${STATUS_CODES[status] ?? ""}`.trim()];
  for (const name of fields ?? []) lines.push(`${name}: ${headers.get(name) ?? "-"}`);
  for (const path of members ?? []) lines.push(`  ${path}: ${shorten(JSON.stringify(memberAt(json, path)))}`);
  if (members === undefined && text !== "") lines.push(...shorten(text.trimEnd()).split("\n"));
  return lines;
}

/** `lanes.0.name` goes into lists, too. */
function memberAt(json: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((inner, name) => (inner as Readonly<Record<string, unknown>> | null)?.[name], json);
}

function shorten(text: string | undefined): string {
  if (text === undefined) return "-";
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
}
