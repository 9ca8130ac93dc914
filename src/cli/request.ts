import { createReadStream, openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { SubmitOptions } from "../../client/submit.ts";
import { toError } from "../lib/error.ts";
import { UsageError } from "./connect.ts";
import type { HeaderLine } from "./flag.ts";

type Directives = Pick<
  SubmitOptions,
  | "priority"
  | "delay"
  | "notBefore"
  | "startWithin"
  | "timeout"
  | "maxAttempts"
  | "client"
  | "callback"
  | "idempotencyKey"
>;

/** A request as curl takes it, and how it is to be treated. */
export interface RequestFlags extends Directives {
  readonly request?: string;
  readonly header?: readonly HeaderLine[];
  /** Text, `@file`, or `@-` for standard input. */
  readonly data?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly cache: boolean;
}

/** Throws a `UsageError` for a body that cannot be read or sent. */
export async function toSubmission(flags: RequestFlags): Promise<SubmitOptions> {
  const { priority, delay, notBefore, startWithin, timeout, maxAttempts, client, callback, idempotencyKey } =
    flags;
  const directives = {
    ...(priority === undefined ? {} : { priority }),
    ...(delay === undefined ? {} : { delay }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(startWithin === undefined ? {} : { startWithin }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(client === undefined ? {} : { client }),
    ...(callback === undefined ? {} : { callback }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(flags.label === undefined ? {} : { labels: flags.label }),
    ...(flags.cache ? {} : { cache: "no-store" as const }),
  };
  const content = flags.data === undefined ? null : await readContent(flags.data);
  const method = (flags.request ?? (content === null ? "GET" : "POST")).toUpperCase();
  if (content !== null && (method === "GET" || method === "HEAD")) {
    throw new UsageError(`-d: a ${method} carries no body; choose another method with -X`);
  }
  const headers = new Headers(flags.header?.map(([name, value]): [string, string] => [name, value]));
  if (content !== null && !headers.has("Content-Type")) headers.set("Content-Type", content.type);
  return { ...directives, method, headers, ...(content === null ? {} : { body: content.body }) };
}

interface Content {
  /** Nothing that is used up by sending it, so that it can be sent again. */
  readonly body: string | Blob | Uint8Array<ArrayBuffer>;
  /** For a request that names none. */
  readonly type: string;
}

const JSON_TYPE = "application/json";
const BYTES_TYPE = "application/octet-stream";

async function readContent(data: string): Promise<Content> {
  if (!data.startsWith("@")) {
    // As curl has it for what is no JSON.
    return { body: data, type: isJson(data) ? JSON_TYPE : "application/x-www-form-urlencoded" };
  }
  const name = data.slice(1);
  try {
    if (name === "-") return await contentOf(process.stdin);
    const file = await stat(name);
    if (file.isDirectory()) throw new Error("is a directory");
    // What is no file, such as a pipe, is read once.
    if (!file.isFile()) return await contentOf(createReadStream(name));
    return { body: await openAsBlob(name), type: /\.json$/i.test(name) ? JSON_TYPE : BYTES_TYPE };
  } catch (thrown) {
    throw new UsageError(`-d ${data}: ${toError(thrown).message}`);
  }
}

async function contentOf(stream: Readable): Promise<Content> {
  const bytes = await buffer(stream);
  return { body: new Uint8Array(bytes), type: isJson(bytes.toString()) ? JSON_TYPE : BYTES_TYPE };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
