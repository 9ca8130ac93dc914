import { createWriteStream } from "node:fs";
import { access, constants, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Headgate } from "../../client/client.ts";
import { toHeadgateError } from "../../client/errors.ts";
import type { TaskView } from "../../client/views.ts";
import { toError } from "../lib/error.ts";
import { UsageError } from "./connect.ts";
import type { ExitCode } from "./exit-code.ts";
import { harmlessLines } from "./harmless.ts";
import { exitCodeOf, standing } from "./outcome.ts";
import { notify, print, isTerminal, write } from "./terminal.ts";

export interface AnswerFlags {
  /** A file, or `-` for standard output, bytes as they are, also on a terminal. */
  readonly output?: string;
  /** Status and header fields first. */
  readonly include?: true;
  readonly json?: true;
}

/** Throws a `UsageError` for a file that could not be written once the answer is there. */
export async function checkOutput({ output }: AnswerFlags): Promise<void> {
  if (output === undefined || output === "-") return;
  await access(dirname(output), constants.W_OK).catch((thrown: unknown) => {
    throw cannotWrite(output, toError(thrown));
  });
}

/** Gives out what the service answered to a task that has ended; says so when it came to no answer, or is a failure. */
export async function giveAnswer(
  headgate: Headgate,
  task: TaskView,
  flags: AnswerFlags,
  signal?: AbortSignal,
): Promise<ExitCode> {
  if (flags.json) print(JSON.stringify(task, null, 2));
  else if (task.response !== null) {
    await writeAnswer(await fetchAnswer(headgate, task.task_id, task.response.status, signal), flags);
  }
  if (task.status !== "completed") notify(`headgate: task ${task.task_id}: ${standing(task)}`);
  return exitCodeOf(task);
}

/** Not by `Task.result`: to it, a problem document of the service would be an error of ours. */
async function fetchAnswer(
  headgate: Headgate,
  id: string,
  status: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const response = await headgate.connection.control(`/task/${id}/result`, { signal });
  // The record can go while we ask for it.
  if (response.status !== status) throw await toHeadgateError(response);
  return response;
}

async function writeAnswer(response: Response, { output, include }: AnswerFlags): Promise<void> {
  const head = include === true ? headOf(response) : "";
  if (output !== undefined && output !== "-") await writeFile(output, head, response);
  else if (output === "-" || !isTerminal()) await writeBytes(head, response);
  else await writeText(head, response);
}

function headOf({ status, statusText, headers }: Response): string {
  const fields = [...headers].map(([name, value]) => `${name}: ${value}\n`);
  return `HTTP/1.1 ${status} ${statusText}`.trimEnd() + `\n${fields.join("")}\n`;
}

async function writeBytes(head: string, { body }: Response): Promise<void> {
  if (head !== "") await write(head);
  for await (const chunk of chunksOf(body)) await write(chunk);
}

/** On a terminal, what could command it is escaped. */
async function writeText(head: string, { body }: Response): Promise<void> {
  await write(harmlessLines(head));
  const decoder = new TextDecoder();
  let last = "\n";
  for await (const chunk of chunksOf(body)) {
    const text = harmlessLines(decoder.decode(chunk, { stream: true }));
    last = text.at(-1) ?? last;
    await write(text);
  }
  if (last !== "\n") await write("\n");
}

function chunksOf(body: Response["body"]): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return body ?? [];
}

/** Whole or not at all: a file that was there stays until all has come. */
async function writeFile(path: string, head: string, { body }: Response): Promise<void> {
  const partial = `${path}.${process.pid}.part`;
  try {
    const file = createWriteStream(partial);
    if (head !== "") file.write(head);
    await pipeline(Readable.from(chunksOf(body)), file);
    await rename(partial, path);
  } catch (thrown) {
    await rm(partial, { force: true });
    const error = toError(thrown);
    throw "code" in error ? cannotWrite(path, error) : error;
  }
}

function cannotWrite(path: string, error: Error): UsageError {
  return new UsageError(`-o ${path}: ${error.message}`);
}
