import type { ServerResponse } from "node:http";
import { type Receipt, receiptBody, receiptHeaders } from "../task/receipt.ts";

/** Answers a forwarded request with its receipt. */
export function sendReceipt(response: ServerResponse, receipt: Receipt): void {
  const body = receiptBody(receipt);
  // English is ASCII, which goes out a byte a character, without encoding.
  const encoding = receipt.language === "en" ? "latin1" : "utf8";
  const headers = receiptHeaders(receipt);
  headers.push("Content-Length", String(Buffer.byteLength(body, encoding)));
  response.writeHead(202, headers);
  response.end(body, encoding);
}
