import type { SubmitOptions } from "../../../../client/submit.ts";
import type { StoredRequest } from "../../../../client/views.ts";

/** A request as it is typed. */
export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly headers: string;
  readonly body: string;
  readonly priority: string;
  readonly delay: string;
  readonly timeout: string;
  readonly maxAttempts: string;
  readonly labels: string;
  readonly client: string;
  readonly callback: string;
}

export const BLANK: Draft = Object.freeze({
  method: "POST",
  path: "/",
  headers: "Content-Type: application/json",
  body: "{}",
  priority: "",
  delay: "",
  timeout: "",
  maxAttempts: "",
  labels: "",
  client: "",
  callback: "",
});

/** Fields of the way, and those that say how it was treated the last time. */
const LEFT_OUT =
  /^(?:host|content-length|connection|accept-encoding|user-agent|forwarded|x-forwarded-.*|via|headgate-.*|idempotency-key)$/i;

/** A stored request to be changed and sent again; secrets stay where they are. */
export function fromRequest({ method, path, headers, body, body_encoding }: StoredRequest): Draft {
  const kept = headers.filter(([name, value]) => !LEFT_OUT.test(name) && value !== "[redacted]");
  const isText = body_encoding === undefined;
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  return {
    ...BLANK,
    method,
    path,
    headers: kept.map(([name, value]) => `${name}: ${value}`).join("\n"),
    body: isText && body !== null && body !== undefined ? text : "",
  };
}

/** The lines that are no header fields. */
export function badHeaders({ headers }: Draft): readonly string[] {
  return linesOf(headers).filter((line) => !FIELD.test(line));
}

const FIELD = /^[!#$%&'*+.^_`|~\dA-Za-z-]+:.*$/;

export function toOptions(draft: Draft): SubmitOptions {
  const { method, body, priority, delay, timeout, maxAttempts, client, callback } = draft;
  const hasBody = body !== "" && method !== "GET" && method !== "HEAD";
  return {
    method,
    headers: linesOf(draft.headers).map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
    ...(hasBody ? { body } : {}),
    ...(priority === "" ? {} : { priority: Number(priority) }),
    ...(delay === "" ? {} : { delay }),
    ...(timeout === "" ? {} : { timeout }),
    ...(maxAttempts === "" ? {} : { maxAttempts: Number(maxAttempts) }),
    ...(client === "" ? {} : { client }),
    ...(callback === "" ? {} : { callback }),
    labels: Object.fromEntries(
      draft.labels
        .split(",")
        .filter((each) => each.includes("="))
        .map((each) => [each.slice(0, each.indexOf("=")).trim(), each.slice(each.indexOf("=") + 1).trim()]),
    ),
  };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}
