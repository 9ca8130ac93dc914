import type { Lane } from "../../../../client/views.ts";

/** How a limit is to be: as the configuration says, as written here, or in a way of its own (adaptive, none). */
export type Mode = "configured" | "fixed" | "auto" | "none";

export interface Limit {
  readonly mode: Mode;
  /** As it was typed. */
  readonly value: string;
}

/** The limits of a lane as a form has them. */
export interface Limits {
  readonly maxConcurrent: Limit;
  readonly queue: Limit;
  readonly rate: Limit;
}

export interface Changes {
  readonly max_concurrent?: number | "auto" | null;
  readonly queue?: number | null;
  readonly rate?: string | null;
}

export function toLimits(lane: Lane): Limits {
  const { max_concurrent: maxConcurrent, queue, rate } = lane.overrides;
  return {
    maxConcurrent: {
      mode: maxConcurrent === null ? "configured" : maxConcurrent === "auto" ? "auto" : "fixed",
      value: String(typeof maxConcurrent === "number" ? maxConcurrent : (lane.limit ?? 1)),
    },
    queue: {
      mode: queue === null ? "configured" : "fixed",
      value: String(queue ?? lane.queue.capacity ?? 100),
    },
    rate: {
      mode: rate === null ? "configured" : rate === "none" ? "none" : "fixed",
      value: rate === null || rate === "none" ? (lane.rate ?? "10/s") : rate,
    },
  };
}

/** What differs, as the API takes it; empty when nothing does. */
export function toChanges(before: Limits, after: Limits): Changes {
  return {
    ...(isSame(before.maxConcurrent, after.maxConcurrent)
      ? {}
      : { max_concurrent: after.maxConcurrent.mode === "auto" ? "auto" : toNumber(after.maxConcurrent) }),
    ...(isSame(before.queue, after.queue) ? {} : { queue: toNumber(after.queue) }),
    ...(isSame(before.rate, after.rate) ? {} : { rate: toRate(after.rate) }),
  };
}

function isSame(a: Limit, b: Limit): boolean {
  return a.mode === b.mode && (a.mode !== "fixed" || a.value === b.value);
}

function toNumber({ mode, value }: Limit): number | null {
  return mode === "fixed" ? Number(value) : null;
}

function toRate({ mode, value }: Limit): string | null {
  if (mode === "none") return "none";
  return mode === "fixed" ? value.trim() : null;
}
