import { createHistogram } from "node:perf_hooks";
import type { Clock } from "../lib/clock.ts";
import type { Emitter } from "../lib/emitter.ts";
import { NODE_LOST } from "../task/decide.ts";
import type { TaskEvents } from "../task/event.ts";
import type { NodeStatistics, Percentiles } from "../task/statistics.ts";

export interface Statistics {
  read(): NodeStatistics;
}

/** Rates and percentiles speak of the slice that is filling and the whole one before it. */
const SLICE_MS = 60_000;

type Histogram = ReturnType<typeof createHistogram>;

interface Slice {
  readonly since: number;
  accepted: number;
  started: number;
  completed: number;
  failed: number;
  cancelled: number;
  readonly lanes: Map<string, { readonly queueWait: Histogram; readonly target: Histogram }>;
  readonly targets: Map<string, Histogram>;
}

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
    if (attempt === 1) laneOf(now, lane).queueWait.record(atLeastOne(waitedMs));
  });
  events.on("attempt.ended", ({ lane, target, outcome, durationMs, error }) => {
    // What never reached the target says nothing about its time, and what a node left when it ended, how long that was.
    if (outcome === "never_sent" || error?.code === NODE_LOST.code) return;
    const now = slice();
    laneOf(now, lane).target.record(atLeastOne(durationMs));
    if (target !== null) targetOf(now, target).record(atLeastOne(durationMs));
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
      const names = new Set(slices.flatMap(({ lanes }) => [...lanes.keys()]));
      const percentilesOf = (key: "queueWait" | "target", lanes: Iterable<string>): Percentiles | null =>
        percentiles(
          [...lanes].flatMap((lane) => slices.flatMap((each) => each.lanes.get(lane)?.[key] ?? [])),
        );
      return {
        windowSeconds: round(windowSeconds),
        acceptedPerSecond: perSecond(sum("accepted")),
        startedPerSecond: perSecond(sum("started")),
        endedPerSecond: perSecond(judged + sum("cancelled")),
        successRate: judged === 0 ? null : round(sum("completed") / judged),
        queueWaitMs: percentilesOf("queueWait", names),
        targetMs: percentilesOf("target", names),
        refused,
        lanes: Object.fromEntries(
          [...names].map((lane) => [
            lane,
            { queueWaitMs: percentilesOf("queueWait", [lane]), targetMs: percentilesOf("target", [lane]) },
          ]),
        ),
        targets: Object.fromEntries(
          [...new Set(slices.flatMap(({ targets }) => [...targets.keys()]))].map((url) => [
            url,
            percentiles(slices.flatMap(({ targets }) => targets.get(url) ?? [])),
          ]),
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
    lanes: new Map(),
    targets: new Map(),
  };
}

function laneOf(slice: Slice, lane: string): { readonly queueWait: Histogram; readonly target: Histogram } {
  const known = slice.lanes.get(lane);
  if (known !== undefined) return known;
  const made = { queueWait: createHistogram(), target: createHistogram() };
  slice.lanes.set(lane, made);
  return made;
}

function targetOf({ targets }: Slice, url: string): Histogram {
  const known = targets.get(url);
  if (known !== undefined) return known;
  const made = createHistogram();
  targets.set(url, made);
  return made;
}

function percentiles(histograms: readonly Histogram[]): Percentiles | null {
  const all = createHistogram();
  for (const histogram of histograms) all.add(histogram);
  if (all.count === 0) return null;
  return { p50: all.percentile(50), p95: all.percentile(95), p99: all.percentile(99) };
}

/** A histogram takes whole numbers from 1. */
function atLeastOne(ms: number): number {
  return Math.max(1, Math.round(ms));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
