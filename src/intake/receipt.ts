import type { ServerResponse } from "node:http";
import type { Language } from "./language.ts";

/** What a client is told about its accepted task. */
export interface Receipt {
  readonly id: string;
  readonly language: Language;
  readonly controlPrefix: string;
  /** `http://host`, to make links absolute; empty when the client named no host. */
  readonly origin: string;
  readonly position: number | null;
  readonly etaSeconds: number | null;
  /** When asking for the task first makes sense. */
  readonly retryAfterSeconds: number;
}

/** `202 Accepted`, pointing to the task as its status monitor (RFC 9110 15.3.3). */
export function sendReceipt(response: ServerResponse, receipt: Receipt): void {
  const { id, controlPrefix, position, etaSeconds } = receipt;
  const url = `${controlPrefix}/task/${id}`;
  // Everything in here is a number, an id or of our own making: nothing needs escaping.
  const body =
    `{"success":true,"task_id":"${id}","status":"pending","message":"${MESSAGE[receipt.language]}",` +
    `"data":{"task_id":"${id}","status_url":"${url}","result_url":"${url}/result","events_url":"${url}/events",` +
    `"cancel_url":"${url}/cancel","position":${position},"eta_seconds":${etaSeconds}}}`;
  response.writeHead(202, [
    "Content-Type",
    "application/json; charset=utf-8",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Location",
    url,
    "Operation-Location",
    receipt.origin + url,
    "Retry-After",
    String(receipt.retryAfterSeconds),
    "Headgate-Task-Id",
    id,
  ]);
  response.end(body, receipt.language === "en" ? "latin1" : "utf8");
}

const MESSAGE: Readonly<Record<Language, string>> = Object.freeze({ en: "Task created", zh: "任务已创建" });
