import { createReadStream, openAsBlob } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { SubmitOptions } from "../../client/submit.ts";
import { toError } from "../lib/error.ts";
import { UsageError } from "./connect.ts";
import type { FormPart, HeaderLine } from "./flag.ts";

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
  readonly form?: readonly FormPart[];
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
  const content = await contentOf(flags);
  const method = (flags.request ?? (content === null ? "GET" : "POST")).toUpperCase();
  if (content !== null && (method === "GET" || method === "HEAD")) {
    const flag = flags.form === undefined ? "-d" : "-F";
    throw new UsageError(`${flag}: a ${method} carries no body; choose another method with -X`);
  }
  const headers = new Headers(flags.header?.map(([name, value]): [string, string] => [name, value]));
  if (content?.type !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", content.type);
  return { ...directives, method, headers, ...(content === null ? {} : { body: content.body }) };
}

interface Content {
  /** Nothing that is used up by sending it, so that it can be sent again. */
  readonly body: string | Blob | FormData;
  /** For a request that names none; a form has one of its own. */
  readonly type?: string;
}

const JSON_TYPE = "application/json";
const BYTES_TYPE = "application/octet-stream";

async function contentOf({ data, form }: RequestFlags): Promise<Content | null> {
  if (form === undefined) return data === undefined ? null : readContent(data);
  if (data !== undefined) throw new UsageError("-d and -F: a request has one body");
  return { body: await readForm(form) };
}

async function readForm(parts: readonly FormPart[]): Promise<FormData> {
  const form = new FormData();
  for (const [name, content] of parts) {
    if (!content.startsWith("@")) form.append(name, content);
    else {
      const path = content.slice(1);
      form.append(name, await openContent(path, `-F ${name}=${content}`), basename(path));
    }
  }
  return form;
}

async function readContent(data: string): Promise<Content> {
  if (!data.startsWith("@")) {
    // As curl has it for what is no JSON.
    return { body: data, type: isJson(data) ? JSON_TYPE : "application/x-www-form-urlencoded" };
  }
  const body = await openContent(data.slice(1), `-d ${data}`);
  return { body, type: body.type };
}

/** What `@path` names: a file, a pipe, or with `-` standard input. The last two are read once, and so whole. */
async function openContent(path: string, flag: string): Promise<Blob> {
  try {
    if (path === "-") return await readStream(process.stdin);
    const found = await stat(path);
    if (found.isDirectory()) throw new Error("is a directory");
    if (!found.isFile()) return await readStream(createReadStream(path));
    // The blob of what may not be read would say so only when it is sent.
    await access(path, constants.R_OK);
    return await openAsBlob(path, { type: /\.json$/i.test(path) ? JSON_TYPE : BYTES_TYPE });
  } catch (thrown) {
    throw new UsageError(`${flag}: ${toError(thrown).message}`);
  }
}

async function readStream(stream: Readable): Promise<Blob> {
  const bytes = await buffer(stream);
  return new Blob([bytes], { type: isJson(bytes.toString()) ? JSON_TYPE : BYTES_TYPE });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
