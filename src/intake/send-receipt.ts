import type { ServerResponse } from "node:http";
import { type Receipt, receiptBody, receiptHeaders } from "../task/receipt.ts";

/** Answers a forwarded request with its receipt; `applied` is what of its client's preferences was (RFC 7240 3). */
export function sendReceipt(
  response: ServerResponse,
  receipt: Receipt,
  applied: string | null,
  more: Readonly<Record<string, string>>,
): void {
  const body = receiptBody(receipt);
  // English is ASCII, which goes out a byte a character, without encoding.
  const encoding = receipt.language === "en" ? "latin1" : "utf8";
  const headers = receiptHeaders(receipt);
  headers.push("Content-Length", String(Buffer.byteLength(body, encoding)));
  if (applied !== null) headers.push("Preference-Applied", applied, "Vary", "Prefer");
  for (const [name, value] of Object.entries(more)) headers.push(name, value);
  response.writeHead(202, headers);
  response.end(body, encoding);
}
