import { parseJson } from "./errors.ts";
import type { TaskView } from "./views.ts";

/** An answer of the service as a task has it: JSON, text, or bytes as Base64. */
export async function readResult(
  response: Response,
): Promise<Partial<Pick<TaskView, "result" | "result_encoding">>> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const [media = ""] = (response.headers.get("Content-Type") ?? "").toLowerCase().split(";");
  const type = media.trim();
  if (!/^text\/|json$|xml$/.test(type)) return { result: toBase64(bytes), result_encoding: "base64" };
  const text = new TextDecoder().decode(bytes);
  const value = /[/+]json$/.test(type) ? parseJson(text) : undefined;
  return { result: value === undefined ? text : value };
}

/** A piece at a time: a call takes only so many arguments. */
const PIECE_BYTES = 8_192;

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES));
  }
  return btoa(binary);
}
