import { type Context, propagation, trace } from "@opentelemetry/api";
import type { RawHeaders } from "../task/task.ts";

/** What a request says about the trace it is part of, in the fields that the SDK's propagator knows (`traceparent`, …). */
export function carriedBy(headers: RawHeaders, around: Context): Context {
  return propagation.extract(around, headers, {
    keys: (raw) => raw.filter((_, i) => i % 2 === 0),
    get: (raw, name) => valuesOf(raw, name),
  });
}

/**
 * The fields with those of a span in place of their own. `baggage` is the client's and goes on as it came; so does
 * `tracestate`, unless the sampler has changed it, or its `traceparent` was none (W3C Trace Context 3.3).
 */
export function carrying(headers: RawHeaders, within: Context): string[] {
  const written: Record<string, string> = {};
  propagation.inject(propagation.deleteBaggage(within), written);
  const replaced = new Set(Object.keys(written).map((name) => name.toLowerCase()));
  if (replaced.has("traceparent")) {
    if (isSameState(valuesOf(headers, "tracestate"), within)) {
      replaced.delete("tracestate");
      delete written["tracestate"];
    } else replaced.add("tracestate");
  }
  const kept = headers.filter((_, i) => !replaced.has((headers[i & ~1] as string).toLowerCase()));
  return [...kept, ...Object.entries(written).flat()];
}

function isSameState(lines: readonly string[] | undefined, within: Context): boolean {
  // Read and written, it has no spaces and no empty members.
  const members = (lines ?? []).flatMap((line) => line.split(",")).map((member) => member.trim());
  const state = members.filter((member) => member !== "").join(",");
  return state === (trace.getSpanContext(within)?.traceState?.serialize() ?? "");
}

function valuesOf(headers: RawHeaders, name: string): string[] | undefined {
  const lowerCase = name.toLowerCase();
  const values = headers.filter(
    (_, i) => i % 2 === 1 && (headers[i - 1] as string).toLowerCase() === lowerCase,
  );
  return values.length === 0 ? undefined : values;
}
