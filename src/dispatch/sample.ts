import type { Exchange } from "../task/exchange.ts";
import type { Sample } from "./concurrency.ts";

/** Whether a target had to be asked for this task: not when it was put off, or answered by the cache or another's call. */
export function wasSent(exchange: Exchange): boolean {
  return exchange.kind === "answered" ? exchange.isOwn !== false : exchange.kind !== "postponed";
}

/** What an exchange says of how much the target can bear. */
export function outcomeOf(exchange: Exchange): Sample["outcome"] {
  if (!wasSent(exchange)) return "unreached";
  if (exchange.kind === "answered") {
    const { status } = exchange.response;
    return status === 429 || status === 503 ? "overloaded" : "answered";
  }
  const isLate = exchange.kind === "unknown" && exchange.error.code === "http_response_timeout";
  return isLate ? "overloaded" : "unreached";
}
