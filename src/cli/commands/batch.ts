import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { submitBatch } from "../../../client/batch.ts";
import { newKey } from "../../../client/until-taken.ts";
import { toError } from "../../lib/error.ts";
import { tasks } from "../amounts.ts";
import { type ConnectionFlags, UsageError, withHeadgate } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { notify, print } from "../terminal.ts";

/** `headgate batch`: many requests at once, all or none; prints the id of the batch. */
export function batch(file: string, flags: ConnectionFlags): Promise<ExitCode> {
  return withHeadgate(flags, async (headgate) => {
    const requests = toRequests(await read(file), file);
    const receipt = await submitBatch(headgate.connection, requests, newKey());
    print(flags.json ? JSON.stringify(receipt, null, 2) : receipt.batch_id);
    if (!flags.json) notify(`accepted ${tasks(receipt.count)}; headgate list --batch ${receipt.batch_id}`);
    return ExitCode.ok;
  });
}

async function read(file: string): Promise<string> {
  try {
    return await text(file === "-" ? process.stdin : createReadStream(file));
  } catch (thrown) {
    throw new UsageError(`${file}: ${toError(thrown).message}`);
  }
}

/** One JSON document (a list, or `{"requests": […]}`), or one request a line. */
function toRequests(content: string, file: string): readonly unknown[] {
  const whole = parse(content);
  if (Array.isArray(whole)) return whole as readonly unknown[];
  if (isBatch(whole)) return whole.requests;
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, at) => {
    const request = parse(line);
    if (request === undefined) throw new UsageError(`${file}: line ${at + 1} is no JSON`);
    return request;
  });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function isBatch(value: unknown): value is { readonly requests: readonly unknown[] } {
  return typeof value === "object" && value !== null && "requests" in value && Array.isArray(value.requests);
}
