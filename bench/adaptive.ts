import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "./bench.ts";
import { readCounts } from "./rig/client.ts";
import { startHeadgate } from "./rig/headgate.ts";
import { watchOthers } from "./rig/others.ts";
import type { Goal, PartReport } from "./rig/report.ts";
import type { RunningSubject } from "./rig/subject.ts";
import { fixed, whole } from "./rig/table.ts";
import type { Table } from "./rig/table.ts";
import type { Seen, SharingTarget } from "./rig/target.ts";
import { startSharingTarget } from "./rig/target.ts";
import { submit } from "./rig/wrk.ts";

type Limit = number | "auto";

/** What one limit made of a target, from when its best concurrency became `best`. */
interface Run extends Seen {
  readonly limit: Limit;
  readonly best: number;
  /** The time until the measure, in pieces of `sliceSeconds`. */
  readonly slices: readonly Seen[];
  /** Share of the processors that other programs took meanwhile. */
  readonly othersPercent: number;
}

/** The best concurrency of the target: at first, and what it becomes. */
const bests = [8, 20];
const limits = [4, 8, 12, 16, 20, 32];
const throughputGoal = 0.9;
const latencyGoal = 1.5;
const autoSettleSeconds = 60;
const fixedSettleSeconds = 5;
const sliceSeconds = 5;
const connections = 64;
const workMs = 50;
const limitMs = 300_000;

/** Whether `max_concurrent: auto` does as well as the fixed limit that turns out to be the best. */
export async function adaptivePart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const target = await startSharingTarget(bench.folder("targets"));
  const runs: Run[] = [];
  for (const limit of [...limits, "auto"] as const) runs.push(...(await measure(bench, target, limit)));
  await target.stop();
  return {
    tables: bests.map((best) => limitTable(best, runs)),
    goals: bests.flatMap((best) => adaptiveGoals(best, runs)),
    figures: runs,
  };
}

async function measure(bench: Bench, target: SharingTarget, limit: Limit): Promise<Run[]> {
  const folder = bench.folder(`adaptive-${limit}`);
  const seconds = bench.seconds * 2;
  const settleSeconds = limit === "auto" ? autoSettleSeconds : fixedSettleSeconds;
  const route = { match: "/**", target: target.url, max_concurrent: limit, queue: 1_000_000 };
  const running = await startHeadgate({
    targetUrl: target.url,
    concurrency: 1,
    folder,
    file: { routes: [route] },
  });
  await target.change(bests[0] ?? 0);
  // More than the target can do in all that time.
  const tasks = bests.reduce((sum, best) => sum + (best * (settleSeconds + seconds + 5) * 1_000) / workMs, 0);
  await submit({ url: running.url, connections, log: join(folder, "wrk.log") }, tasks, limitMs / 1000);
  const runs: Run[] = [];
  for (const best of bests) {
    const run = await measureBest(target, limit, best, settleSeconds, seconds);
    runs.push(run);
    bench.tell(
      `adaptive, best ${best}, limit ${limit}: ${whole(run.perSecond)}/s, p95 ${whole(run.p95Ms)} ms`,
    );
  }
  await assertBusy(running);
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
  return runs;
}

async function measureBest(
  target: SharingTarget,
  limit: Limit,
  best: number,
  settleSeconds: number,
  seconds: number,
): Promise<Run> {
  await target.change(best);
  await target.seen();
  const slices: Seen[] = [];
  for (let settled = 0; settled < settleSeconds; settled += sliceSeconds) {
    await sleep(sliceSeconds * 1000);
    slices.push(await target.seen());
  }
  const othersPercent = watchOthers();
  await sleep(seconds * 1000);
  return { ...(await target.seen()), limit, best, slices, othersPercent: othersPercent() };
}

/** Of a lane that has run dry the figures would say nothing. */
async function assertBusy({ url }: RunningSubject): Promise<void> {
  const { pending } = await readCounts(url);
  if (pending === 0) throw new Error("there were too few tasks to keep the target busy");
}

function bestFixed(best: number, runs: readonly Run[]): Run | undefined {
  return runs
    .filter((run) => run.best === best && run.limit !== "auto")
    .toSorted((a, b) => b.perSecond - a.perSecond)[0];
}

function isAsGood(seen: Seen, than: Seen): boolean {
  return seen.perSecond >= than.perSecond * throughputGoal && seen.p95Ms <= than.p95Ms * latencyGoal;
}

function limitTable(best: number, runs: readonly Run[]): Table {
  const winner = bestFixed(best, runs);
  return {
    title: `A target whose best concurrency is ${best}, as it measures itself`,
    headings: [
      "max_concurrent",
      "per second",
      "p95 ms",
      "most at once",
      "÷ best fixed",
      "p95 ÷",
      "good within s",
      "others %",
    ],
    rows: runs
      .filter((run) => run.best === best)
      .map((run) => [
        run.limit === winner?.limit ? `${run.limit}, the best fixed` : String(run.limit),
        whole(run.perSecond),
        whole(run.p95Ms),
        whole(run.mostAtOnce),
        fixed(run.perSecond / (winner?.perSecond ?? NaN)),
        fixed(run.p95Ms / (winner?.p95Ms ?? NaN)),
        run.limit === "auto" && winner !== undefined ? goodWithin(run, winner) : "",
        whole(run.othersPercent),
      ]),
  };
}

/** The end of the first piece of time in which it was as good as the best fixed limit. */
function goodWithin({ slices }: Run, winner: Run): string {
  const first = slices.findIndex((slice) => isAsGood(slice, winner));
  return first === -1 ? `> ${autoSettleSeconds}` : String((first + 1) * sliceSeconds);
}

function adaptiveGoals(best: number, runs: readonly Run[]): Goal[] {
  const [auto, winner] = [
    runs.find((run) => run.best === best && run.limit === "auto"),
    bestFixed(best, runs),
  ];
  if (auto === undefined || winner === undefined) return [];
  const since = `${autoSettleSeconds} s after the best concurrency became ${best}: auto ÷ best fixed`;
  return [
    {
      measure: `${since}, throughput`,
      bound: "at least",
      goal: throughputGoal,
      measured: auto.perSecond / winner.perSecond,
      unit: "×",
    },
    {
      measure: `${since}, p95 of the target`,
      bound: "at most",
      goal: latencyGoal,
      measured: auto.p95Ms / winner.p95Ms,
      unit: "×",
    },
  ];
}
