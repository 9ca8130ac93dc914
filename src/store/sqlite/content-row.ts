import type { Body, RawHeaders } from "../../task/task.ts";
import { EMPTY_BODY } from "../../task/task.ts";
import type { Row, RowWithBytes, Value } from "./value.ts";

/**
 * Headers and body of a message on their way between the main thread and the database's. A body in memory crosses as text
 * of a character a byte: to copy an ArrayBuffer for each costs as much as to copy the rest of its task.
 */
export type ContentRow = readonly [headers: string, body: string | null, file: string | null];

export function toContentRow(headers: RawHeaders, body: Body): ContentRow {
  return [
    JSON.stringify(headers),
    body.kind === "inline" ? toText(body.bytes) : null,
    body.kind === "file" ? fileText(body) : null,
  ];
}

export function fromContent(headers: Value, body: Value, file: Value): { headers: RawHeaders; body: Body } {
  return { headers: JSON.parse(String(headers)) as RawHeaders, body: toBody(body, file) };
}

function toBody(text: Value, file: Value): Body {
  if (typeof text === "string") return { kind: "inline", bytes: toBytes(text) };
  return typeof file === "string" ? fromFileText(file) : EMPTY_BODY;
}

/** What the columns `headers`, `body` and `file` take. */
export function toContentColumns([headers, body, file]: ContentRow): [
  string,
  Uint8Array | null,
  string | null,
] {
  return [headers, body === null ? null : toBytes(body), file];
}

/** Makes the row ready to cross; `body` is the column that has the bytes. */
export function bodyToText(row: RowWithBytes, body: number): Row {
  const bytes = row[body];
  if (bytes instanceof Uint8Array) row[body] = toText(bytes);
  return row as Value[];
}

function toText(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength)).toString("latin1");
}

function toBytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** A file's name with its size, so that neither has to be asked of the file system: `name:size`. */
function fileText(body: Body & { kind: "file" }): string {
  return `${body.name}:${body.sizeBytes}`;
}

export function fromFileText(text: string): Body & { kind: "file" } {
  const colon = text.lastIndexOf(":");
  return { kind: "file", name: text.slice(0, colon), sizeBytes: Number(text.slice(colon + 1)) };
}
