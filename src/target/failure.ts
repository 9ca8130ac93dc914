import { errors } from "undici";
import { HeadgateError } from "../lib/error.ts";
import type { TaskError } from "../task/task.ts";

/**
 * What went wrong with a target, in the words of RFC 9209 2.3 (proxy error types). A message is for people: it names
 * the target and never holds anything the target or the client sent.
 */
export type FailureCode =
  | "dns_error"
  | "destination_ip_unroutable"
  | "connection_refused"
  | "connection_terminated"
  | "connection_timeout"
  | "tls_protocol_error"
  | "tls_certificate_error"
  | "tls_alert_received"
  | "http_request_error"
  | "http_response_incomplete"
  | "http_response_header_section_size"
  | "http_response_body_size"
  | "http_response_transfer_coding"
  | "http_response_timeout"
  | "http_protocol_error"
  | "proxy_internal_error";

const MESSAGES: Readonly<Record<FailureCode, string>> = Object.freeze({
  dns_error: "The host name of {target} could not be resolved.", // 2.3.2
  destination_ip_unroutable: "There is no route to {target}.", // 2.3.6
  connection_refused: "{target} refused the connection.", // 2.3.7
  connection_terminated: "{target} closed the connection before it answered.", // 2.3.8
  connection_timeout: "{target} could not be connected to in time.", // 2.3.9
  tls_protocol_error: "The TLS handshake with {target} failed.", // 2.3.13
  tls_certificate_error: "The TLS certificate of {target} is not valid.", // 2.3.14
  tls_alert_received: "{target} ended the TLS handshake with an alert.", // 2.3.15
  http_request_error: "The request cannot or may not be sent on to {target} in HTTP/1.1.", // 2.3.16
  http_response_incomplete: "The answer of {target} broke off before it was complete.", // 2.3.18
  http_response_header_section_size: "The header section of {target}'s answer is too large.", // 2.3.19
  http_response_body_size: "The answer of {target} is larger than may be kept.", // 2.3.21
  http_response_transfer_coding:
    "The transfer coding of {target}'s answer is malformed, or is one that nobody asked for.", // 2.3.24
  http_response_timeout: "{target} did not answer completely in time.", // 2.3.26
  http_protocol_error: "The answer of {target} is not valid HTTP/1.1.", // 2.3.28
  proxy_internal_error: "Headgate could not do its part in the exchange with {target}.", // 2.3.30
});

/** By `code` of what Node and undici raise. Those of TLS are told by their prefix, below. */
const BY_CODE: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ["ENOTFOUND", "dns_error"],
  ["ENODATA", "dns_error"],
  ["EHOSTUNREACH", "destination_ip_unroutable"],
  ["ENETUNREACH", "destination_ip_unroutable"],
  ["EHOSTDOWN", "destination_ip_unroutable"],
  ["EADDRNOTAVAIL", "destination_ip_unroutable"],
  ["ECONNREFUSED", "connection_refused"],
  ["ECONNRESET", "connection_terminated"],
  ["ECONNABORTED", "connection_terminated"],
  ["EPIPE", "connection_terminated"],
  ["UND_ERR_SOCKET", "connection_terminated"],
  ["ETIMEDOUT", "connection_timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "connection_timeout"],
  ["EPROTO", "tls_protocol_error"],
  ["UND_ERR_INVALID_ARG", "http_request_error"],
  ["UND_ERR_NOT_SUPPORTED", "http_request_error"],
  ["UND_ERR_HEADERS_OVERFLOW", "http_response_header_section_size"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "http_response_incomplete"],
]);

const BY_PREFIX: readonly (readonly [RegExp, FailureCode])[] = [
  [/^EAI_/, "dns_error"],
  [/^ERR_SSL_.*_ALERT_/, "tls_alert_received"],
  [/^ERR_SSL_/, "tls_protocol_error"],
  [
    /^ERR_TLS_CERT_|^CERT_|^CRL_|_CERT(?:_|$)|^INVALID_(?:CA|PURPOSE)$|^HOSTNAME_MISMATCH$|^UNABLE_TO_/,
    "tls_certificate_error",
  ],
  [/^ERR_TLS_/, "tls_protocol_error"],
];

/** It should have a code of llhttp's (`HPE_…`), and has none in undici 8.12. */
const PARSER_ERROR = "HTTPParserError";

/** undici gives these the code of a closed connection, but it was the answer that was wrong. */
const BAD_ANSWERS: ReadonlySet<string> = new Set(["bad response", "bad upgrade"]);

/** They are about one request and its answer: leaving the target alone for a while does not help against these. */
const NOT_OF_THE_TARGET: ReadonlySet<string> = new Set<FailureCode>([
  "http_request_error",
  "http_response_incomplete",
  "http_response_header_section_size",
  "http_response_transfer_coding",
  "http_protocol_error",
  "http_response_body_size",
  "proxy_internal_error",
]);

/** Whether an error tells against the target. Those with a code of Headgate's own (a full disk) do not. */
export function isFaultOfTarget({ code }: TaskError, isAlone: boolean): boolean {
  if (code === "http_response_timeout") return !isAlone;
  return Object.hasOwn(MESSAGES, code) && !NOT_OF_THE_TARGET.has(code);
}

export function failure(code: FailureCode, target: string): TaskError {
  return { code, message: MESSAGES[code].replace("{target}", target) };
}

/** The failure behind an error of Node, undici or the body store; `answering` once the target's status was received. */
export function failureOf(error: Error, target: string, answering: boolean): TaskError {
  // A full or broken disk of ours keeps its own code: it says nothing about the target.
  if (error instanceof HeadgateError) return { code: error.code, message: error.message };
  const code = codeOf(error);
  return failure(answering && code === "connection_terminated" ? "http_response_incomplete" : code, target);
}

function codeOf(error: Error): FailureCode {
  if (error instanceof errors.SocketError && BAD_ANSWERS.has(error.message)) return "http_protocol_error";
  if (error.name === PARSER_ERROR) {
    return error.message.includes("chunk") ? "http_response_transfer_coding" : "http_protocol_error";
  }
  const { code } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : (BY_CODE.get(code) ?? byPrefix(code));
  if (known !== undefined) return known;
  // Every address of a host name was tried in vain.
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return first === undefined ? "proxy_internal_error" : codeOf(first);
}

function byPrefix(code: string): FailureCode | undefined {
  return BY_PREFIX.find(([pattern]) => pattern.test(code))?.[1];
}
