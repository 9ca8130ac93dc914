import { Buffer } from "node:buffer";
import { headerValue } from "../task/header.ts";
import type { RawHeaders, StoredResponse } from "../task/task.ts";
import type { TaskView } from "./task-schema.ts";

/** A target's answer as JSON text, to stand in the task. */
export interface InlineResult {
  readonly json: string;
  readonly isBase64: boolean;
}

const NOTHING: InlineResult = Object.freeze({ json: "null", isBase64: false });

/**
 * JSON keeps its text as it came: parsing and writing it again would round large integers, drop repeated members, and
 * overflow the stack where an answer is nested deeply. An answer kept in a file is not shown.
 */
export function inlineResult(response: StoredResponse | null): InlineResult {
  if (response === null || response.body.kind === "file") return NOTHING;
  const { headers, body } = response;
  if (body.kind === "empty") return isText(mediaType(headers)) ? { json: `""`, isBase64: false } : NOTHING;
  const text = decode(body.bytes, headers);
  if (text === null) return { json: JSON.stringify(toBase64(body.bytes)), isBase64: true };
  const isValue = isJson(mediaType(headers)) && parses(text);
  return { json: isValue ? text : JSON.stringify(text), isBase64: false };
}

/** The task as JSON text, with the result in its place: `viewTask` leaves that null, and last. */
export function writeTask(view: TaskView, result: InlineResult): string {
  const written = JSON.stringify(view);
  if (result === NOTHING) return written;
  const encoding = result.isBase64 ? `,"result_encoding":"base64"` : "";
  return `${written.slice(0, -"null}".length)}${result.json}${encoding}}`;
}

/** The body as text, or null when it is none, or not what its `Content-Type` says. */
function decode(bytes: Uint8Array, headers: RawHeaders): string | null {
  const type = mediaType(headers);
  if ((!isJson(type) && !isText(type)) || isEncoded(headers)) return null;
  try {
    return new TextDecoder(charset(headers), { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function isJson(type: string): boolean {
  return type === "application/json" || type === "text/json" || type.endsWith("+json");
}

function isText(type: string): boolean {
  return type.startsWith("text/") || type.endsWith("+xml") || TEXTUAL.has(type);
}

const TEXTUAL: ReadonlySet<string> = new Set([
  "application/xml",
  "application/javascript",
  "application/x-ndjson",
  "application/x-www-form-urlencoded",
  "application/yaml",
]);

/** A content coding (gzip, …) makes bytes of any text; nothing is decompressed here. */
function isEncoded(headers: RawHeaders): boolean {
  const coding = headerValue(headers, "content-encoding")?.trim().toLowerCase() ?? "";
  return coding !== "" && coding !== "identity";
}

function mediaType(headers: RawHeaders): string {
  const value = headerValue(headers, "content-type") ?? "";
  const end = value.indexOf(";");
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** As the WHATWG names them: `iso-8859-1` is read as its superset windows-1252, as browsers do. */
function charset(headers: RawHeaders): string {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headerValue(headers, "content-type") ?? "")?.[1] ?? "utf-8";
}
