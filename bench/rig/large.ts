import { get, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

const piece = Buffer.alloc(65_536, "headgate");

/** POSTs a streamed body of so many bytes and returns the id of the task. */
export async function upload(url: string, bytes: number): Promise<string> {
  const headers = { "content-type": "application/octet-stream", "content-length": bytes };
  const outgoing = request(url, { method: "POST", headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.on("response", resolve).on("error", reject),
  );
  const [answer] = await Promise.all([answered, pipeline(Readable.from(pieces(bytes)), outgoing)]);
  const body = await text(answer);
  if (answer.statusCode !== 202)
    throw new Error(`POST of ${bytes} bytes answered ${answer.statusCode}: ${body}`);
  return (JSON.parse(body) as { task_id: string }).task_id;
}

/** Reads an answer to its end and returns how many bytes it had. */
export async function download(url: string): Promise<number> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    get(url, resolve).on("error", reject),
  );
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length;
  return bytes;
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= piece.length)
    yield left < piece.length ? piece.subarray(0, left) : piece;
}
