import type { Language } from "../lib/language.ts";
import type { State } from "./task.ts";

/** What a client is told about its accepted task. */
export interface Receipt {
  readonly id: string;
  readonly status: State;
  readonly language: Language;
  readonly controlPrefix: string;
  /** `http://host`, to make links absolute; empty when the client named no host. */
  readonly origin: string;
  readonly position: number | null;
  readonly etaSeconds: number | null;
  /** When asking for the task first makes sense. */
  readonly retryAfterSeconds: number;
  /** The task that this one repeats by hand. */
  readonly retryOf: string | null;
}

/** When asking for a task makes sense: when it will be done as far as is known, and within half a minute in any case. */
export function askAgainSeconds(etaSeconds: number | null): number {
  return Math.min(30, Math.max(1, Math.ceil(etaSeconds ?? 1)));
}

/** The fields of `202 Accepted`, which points to the task as its status monitor (RFC 9110 15.3.3): name, value, name, value. */
export function receiptHeaders({ id, controlPrefix, origin, retryAfterSeconds }: Receipt): string[] {
  const url = `${controlPrefix}/task/${id}`;
  return [
    "Content-Type",
    "application/json; charset=utf-8",
    "Location",
    url,
    "Operation-Location",
    origin + url,
    "Retry-After",
    String(retryAfterSeconds),
    "Headgate-Task-Id",
    id,
  ];
}

/** Its body as JSON text: everything in here is a number, an id or of our own making, and needs no escaping. */
export function receiptBody(receipt: Receipt): string {
  const { id, status, language, controlPrefix, position, etaSeconds, retryOf } = receipt;
  const url = `${controlPrefix}/task/${id}`;
  return (
    `{"success":true,"task_id":"${id}","status":"${status}","message":"${MESSAGE[language]}",` +
    (retryOf === null ? "" : `"retry_of":"${retryOf}",`) +
    `"data":{"task_id":"${id}","status_url":"${url}","result_url":"${url}/result","events_url":"${url}/events",` +
    `"cancel_url":"${url}/cancel","position":${position},"eta_seconds":${etaSeconds}}}`
  );
}

const MESSAGE: Readonly<Record<Language, string>> = Object.freeze({ en: "Task created", zh: "任务已创建" });
