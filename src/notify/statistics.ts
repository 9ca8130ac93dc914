import { createHistogram } from "node:perf_hooks";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { NODE_LOST } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import { FROM_CACHE } from "../task/exchange.ts";
import type { NodeStatistics, Percentiles } from "../task/statistics.ts";

export interface Statistics {
  read(): NodeStatistics;
}

/** Rates and percentiles speak of the slice that is filling and the whole one before it. */
const SLICE_MS = 60_000;

/** Two figures say enough: a histogram of three takes six times as long to read, and every route has its own. */
const PRECISION = Object.freeze({ lowest: 1, highest: 2 * 366 * 86_400_000, figures: 2 });

type Histogram = ReturnType<typeof createHistogram>;

interface Slice {
  readonly since: number;
  accepted: number;
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** By lane. */
  readonly queueWait: Map<string, Histogram>;
  /** By lane. */
  readonly target: Map<string, Histogram>;
  /** By the target's base URL. */
  readonly eachTarget: Map<string, Histogram>;
}

type Kind = "queueWait" | "target" | "eachTarget";

export function createStatistics(events: Emitter<TaskEvents>, clock: Clock): Statistics {
  const refused: Record<string, number> = {};
  let current = newSlice(clock.monotonicMs());
  let previous: Slice | null = null;

  function slice(): Slice {
    const now = clock.monotonicMs();
    const ageMs = now - current.since;
    if (ageMs >= SLICE_MS) {
      // After a long silence the last full slice is old news.
      previous = ageMs < 2 * SLICE_MS ? current : null;
      current = newSlice(now);
    }
    return current;
  }

  events.on("task.accepted", () => slice().accepted++);
  events.on("attempt.started", ({ lane, attempt, waitedMs }) => {
    const now = slice();
    now.started++;
    // The first start alone: later ones waited for a backoff, not in line.
    if (attempt === 1) record(now.queueWait, lane, waitedMs);
  });
  events.on("attempt.ended", ({ lane, target, outcome, durationMs, error }) => {
    // What never reached the target says nothing about its time, and what a node left when it ended, how long that was.
    if (outcome === "never_sent" || error?.code === NODE_LOST.code || target === FROM_CACHE) return;
    const now = slice();
    record(now.target, lane, durationMs);
    if (target !== null) record(now.eachTarget, target, durationMs);
  });
  events.on("task.ended", ({ state }) => slice()[state]++);
  events.on("task.refused", ({ code }) => (refused[code] = (refused[code] ?? 0) + 1));

  return {
    read() {
      const slices = [slice(), previous].filter((each) => each !== null);
      const windowSeconds = (clock.monotonicMs() - (previous ?? current).since) / 1_000;
      const sum = (key: "accepted" | "started" | "completed" | "failed" | "cancelled"): number =>
        slices.reduce((total, each) => total + each[key], 0);
      const perSecond = (count: number): number => round(count / Math.max(1, windowSeconds));
      const judged = sum("completed") + sum("failed");
      const seen = (key: Kind): Iterable<string> =>
        new Set(slices.flatMap((each) => each[key].keys().toArray()));
      const percentilesOf = (key: Kind, name: string): Percentiles | null =>
        percentiles(slices.flatMap((each) => each[key].get(name) ?? []));
      const percentilesOfAll = (key: Kind): Percentiles | null =>
        percentiles(slices.flatMap((each) => each[key].values().toArray()));
      return {
        windowSeconds: round(windowSeconds),
        acceptedPerSecond: perSecond(sum("accepted")),
        startedPerSecond: perSecond(sum("started")),
        endedPerSecond: perSecond(judged + sum("cancelled")),
        successRate: judged === 0 ? null : round(sum("completed") / judged),
        queueWaitMs: percentilesOfAll("queueWait"),
        targetMs: percentilesOfAll("target"),
        refused,
        lanes: Object.fromEntries(
          [...new Set([...seen("queueWait"), ...seen("target")])].map((lane) => [
            lane,
            { queueWaitMs: percentilesOf("queueWait", lane), targetMs: percentilesOf("target", lane) },
          ]),
        ),
        targets: Object.fromEntries(
          [...seen("eachTarget")].map((url) => [url, percentilesOf("eachTarget", url)]),
        ),
      };
    },
  };
}

function newSlice(since: number): Slice {
  return {
    since,
    accepted: 0,
    started: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    queueWait: new Map(),
    target: new Map(),
    eachTarget: new Map(),
  };
}

function record(histograms: Map<string, Histogram>, name: string, ms: number): void {
  const known = histograms.get(name) ?? createHistogram(PRECISION);
  histograms.set(name, known);
  known.record(atLeastOne(ms));
}

function percentiles(histograms: readonly Histogram[]): Percentiles | null {
  const [first, ...more] = histograms;
  if (first === undefined) return null;
  const all = more.length === 0 ? first : createHistogram(PRECISION);
  if (all !== first) for (const histogram of histograms) all.add(histogram);
  return { p50: all.percentile(50), p95: all.percentile(95), p99: all.percentile(99) };
}

/** A histogram takes whole numbers from 1. */
function atLeastOne(ms: number): number {
  return Math.max(1, Math.round(ms));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
