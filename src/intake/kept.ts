import type { IncomingMessage } from "node:http";
import type { Language } from "../lib/language.ts";
import type { State } from "../task/task.ts";
import type { Wait } from "../task/wait.ts";
import type { Preference } from "./prefer.ts";

/** What is still needed of a request when its task is kept: little, for it may be needed for a minute. */
export interface Kept {
  readonly id: string;
  readonly lane: string;
  readonly state: State;
  readonly language: Language;
  /** `http://host`; empty when the client named no host. */
  readonly origin: string;
  readonly position: number | null;
  /** Null for a task that is due already. */
  readonly dueInSeconds: number | null;
  readonly preference: Preference;
  /** Null for a client that gets its receipt at once. */
  readonly wait: Wait | null;
  readonly cancelWhenLeft: boolean;
  /** How it stands with what its client may use. */
  readonly quotaFields: Readonly<Record<string, string>>;
}

/** The fields of a request whose client waits are in the store; its message lives as long as its connection is busy. */
export function forget(request: IncomingMessage): void {
  request.headers = NO_FIELDS;
  request.rawHeaders = NO_RAW_FIELDS;
}

/** One for all. */
const NO_FIELDS: IncomingMessage["headers"] = Object.freeze({});
const NO_RAW_FIELDS: string[] = Object.freeze<string[]>([]) as string[];
