import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { readCounts, untilCounts } from "./rig/client.ts";
import { startHeadgate } from "./rig/headgate.ts";
import { medianRatio, spread } from "./rig/median.ts";
import { watchOthers } from "./rig/others.ts";
import type { Goal, PartReport } from "./rig/report.ts";
import type { RunningSubject } from "./rig/subject.ts";
import { fixed, whole } from "./rig/table.ts";
import type { Table } from "./rig/table.ts";
import type { Target } from "./rig/target.ts";
import { startFastTarget, startHangingTarget } from "./rig/target.ts";
import { load, submit } from "./rig/wrk.ts";

interface Measured {
  readonly perSecond: number;
  readonly othersPercent: number;
}

/** One way to ask the same of Headgate with one target and of Headgate with many routes. */
interface Mode {
  readonly label: string;
  readonly target: "hanging" | "fast";
  /** Paths that are requested in turn; each has a route of its own where there are many. */
  readonly paths: number;
  /** Requests at once: of the one target, and of each route. */
  readonly concurrency: { readonly single: number; readonly ofRoute: number };
  measure(bench: Bench, running: RunningSubject, mode: Mode, log: string): Promise<number>;
}

type Side = "single" | "routed";
type Rounds = Record<Side, Measured[]>;

const routeCount = 200;
const targetCount = 20;
const tasks = 60_000;
const acceptConnections = 256;
const submitConnections = 64;
const limitMs = 300_000;

const modes: readonly Mode[] = [
  {
    label: "accept, forwarding stopped, one route asked for",
    target: "hanging",
    paths: 1,
    concurrency: { single: 1, ofRoute: 1 },
    measure: acceptRate,
  },
  {
    label: "accept, forwarding stopped, every route asked for",
    target: "hanging",
    paths: routeCount,
    concurrency: { single: routeCount, ofRoute: 1 },
    measure: acceptRate,
  },
  {
    label: "end to end, 50 at once, one route asked for",
    target: "fast",
    paths: 1,
    concurrency: { single: 50, ofRoute: 50 },
    measure: endToEndRate,
  },
  {
    label: `end to end, ${routeCount} at once, every route asked for`,
    target: "fast",
    paths: routeCount,
    concurrency: { single: routeCount, ofRoute: 1 },
    measure: endToEndRate,
  },
];

/** What 200 routes and 20 targets cost, beside the one target that flags name. */
export async function routesPart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const folder = bench.folder("targets");
  const targets = { hanging: await startHangingTarget(folder), fast: await startFastTarget(folder) };
  const results = new Map<Mode, Rounds>();
  for (const mode of modes) results.set(mode, await measure(bench, mode, targets[mode.target]));
  await Promise.all([targets.hanging.stop(), targets.fast.stop()]);
  return {
    tables: [routesTable(results)],
    goals: [...results].map(([mode, rounds]) => routesGoal(mode, rounds)),
    figures: Object.fromEntries([...results].map(([{ label }, rounds]) => [label, rounds])),
  };
}

async function measure(bench: Bench, mode: Mode, target: Target): Promise<Rounds> {
  const rounds: Rounds = { single: [], routed: [] };
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const side of ["single", "routed"] as const) {
      const folder = bench.folder(`routes-${modes.indexOf(mode)}-${round}-${side}`);
      const running = await startHeadgate({
        targetUrl: target.url,
        concurrency: mode.concurrency.single,
        folder,
        ...(side === "routed" ? { file: manyRoutes(target.url, mode.concurrency.ofRoute) } : {}),
      });
      const othersPercent = watchOthers();
      const perSecond = await mode.measure(bench, running, mode, join(folder, "wrk.log"));
      rounds[side].push({ perSecond, othersPercent: othersPercent() });
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
      bench.tell(`routes ${round}/${bench.rounds} ${mode.label}, ${side}: ${whole(perSecond)}/s`);
    }
  }
  return rounds;
}

/** Targets are told apart by their base path: all are the same server. */
function manyRoutes(url: string, maxConcurrent: number): Record<string, unknown> {
  const targets = Array.from({ length: targetCount }, (_, index) => [
    `target-${index}`,
    { urls: [`${url}/${index}`] },
  ]);
  const routes = Array.from({ length: routeCount }, (_, index) => ({
    match: `/api/function${index + 1}`,
    target: `target-${index % targetCount}`,
    max_concurrent: maxConcurrent,
  }));
  return { targets: Object.fromEntries(targets), routes };
}

async function acceptRate(
  bench: Bench,
  { url }: RunningSubject,
  { paths }: Mode,
  log: string,
): Promise<number> {
  const options = { url, connections: acceptConnections, paths, log };
  await load(options, 2);
  const { perSecond } = await load(options, bench.seconds);
  return perSecond;
}

async function endToEndRate(
  _bench: Bench,
  { url }: RunningSubject,
  { paths }: Mode,
  log: string,
): Promise<number> {
  const options = { url, connections: submitConnections, paths, log };
  await submit(options, tasks / 10, limitMs / 1000);
  const before = await untilCounts(url, ({ pending, processing }) => pending + processing === 0, limitMs);
  const start = performance.now();
  await submit(options, tasks, limitMs / 1000);
  await untilCounts(url, ({ pending, processing }) => pending + processing === 0, limitMs);
  const seconds = (performance.now() - start) / 1000;
  const after = await readCounts(url);
  if (after.failed > before.failed) throw new Error(`${after.failed - before.failed} tasks failed`);
  return (after.completed - before.completed) / seconds;
}

function routesTable(results: ReadonlyMap<Mode, Rounds>): Table {
  return {
    title: `${routeCount} routes and ${targetCount} targets beside one target: Headgate, per second`,
    headings: ["measure", "one target", "many routes", "others %", "many ÷ one"],
    rows: [...results].map(([mode, rounds]) => [
      mode.label,
      whole(spread(rates(rounds.single)).median),
      whole(spread(rates(rounds.routed)).median),
      whole(Math.max(...[...rounds.single, ...rounds.routed].map(({ othersPercent }) => othersPercent))),
      fixed(medianRatio(rates(rounds.routed), rates(rounds.single))),
    ]),
  };
}

function routesGoal({ label }: Mode, { single, routed }: Rounds): Goal {
  return {
    measure: `${label}: ${routeCount} routes ÷ one target`,
    bound: "at least",
    goal: 0.95,
    measured: medianRatio(rates(routed), rates(single)),
    unit: "×",
  };
}

function rates(side: readonly Measured[]): number[] {
  return side.map(({ perSecond }) => perSecond);
}
