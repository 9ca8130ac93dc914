import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { headgate } from "./rig/headgate.ts";
import { medianRatio, spread } from "./rig/median.ts";
import { watchOthers } from "./rig/others.ts";
import { bare, bullmq, fastapi, relay } from "./rig/peers.ts";
import type { Goal, PartReport } from "./rig/report.ts";
import type { Subject } from "./rig/subject.ts";
import { fixed, whole } from "./rig/table.ts";
import type { Table } from "./rig/table.ts";
import type { Target } from "./rig/target.ts";
import { startFastTarget, startHangingTarget } from "./rig/target.ts";
import { load } from "./rig/wrk.ts";
import type { LoadResult } from "./rig/wrk.ts";

type Mode = "idle" | "forwarding";
type Rounds = Partial<Record<Subject["key"], Accepted[]>>;

interface Accepted extends LoadResult {
  /** Share of the processors that other programs took meanwhile. */
  readonly othersPercent: number;
}

const connections = 256;
const warmUpSeconds = 2;

/** How many tasks a second are accepted, with forwarding stopped (one request hangs) and with forwarding at full speed. */
export async function acceptPart(bench: Bench): Promise<PartReport> {
  const [hanging, fast] = [
    await startHangingTarget(bench.folder("targets")),
    await startFastTarget(bench.folder("targets")),
  ];
  const idle = await measure(bench, "idle", [bare, relay, fastapi, bullmq, headgate], hanging);
  const forwarding = await measure(bench, "forwarding", [relay, fastapi, bullmq, headgate], fast);
  await Promise.all([hanging.stop(), fast.stop()]);
  return {
    tables: [
      acceptTable(
        `Accept, ${connections} connections, forwarding stopped: answers 202 per second`,
        idle,
        bench,
      ),
      acceptTable(`Accept, ${connections} connections, while forwarding 50 at once`, forwarding, bench),
    ],
    goals: acceptGoals(idle),
    figures: { idle, forwarding },
  };
}

async function measure(
  bench: Bench,
  mode: Mode,
  subjects: readonly Subject[],
  target: Target,
): Promise<Rounds> {
  const rounds: Rounds = {};
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const subject of bench.present(subjects)) {
      const folder = bench.folder(`accept-${mode}-${round}-${subject.key}`);
      const running = await subject.start({
        targetUrl: target.url,
        concurrency: mode === "idle" ? 1 : 50,
        folder,
      });
      const options = { url: running.url, connections, log: join(folder, "wrk.log") };
      await load(options, warmUpSeconds);
      const othersPercent = watchOthers();
      const result = { ...(await load(options, bench.seconds)), othersPercent: othersPercent() };
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
      (rounds[subject.key] ??= []).push(result);
      bench.tell(`accept ${mode} ${round}/${bench.rounds} ${subject.label}: ${whole(result.perSecond)}/s`);
    }
  }
  return rounds;
}

function acceptTable(title: string, rounds: Rounds, bench: Bench): Table {
  const rows = bench.present([bare, relay, fastapi, bullmq, headgate]).flatMap(({ key, label }) => {
    const results = rounds[key];
    if (results === undefined) return [];
    const rate = spread(results.map((result) => result.perSecond));
    const p50 = spread(results.map((result) => result.p50Ms));
    const p99 = spread(results.map((result) => result.p99Ms));
    const others = spread(results.map((result) => result.othersPercent));
    const bad = results.reduce((sum, { refused, broken }) => sum + refused + broken, 0);
    return [
      [
        label,
        whole(rate.median),
        whole(rate.min),
        whole(rate.max),
        fixed(p50.median),
        fixed(p99.median),
        whole(bad),
        whole(others.max),
        ratio(rounds, key),
      ],
    ];
  });
  return {
    title,
    headings: [
      "subject",
      "per second",
      "min",
      "max",
      "p50 ms",
      "p99 ms",
      "refused",
      "others %",
      "Headgate ÷ it",
    ],
    rows,
  };
}

function acceptGoals(rounds: Rounds): Goal[] {
  if (rounds.headgate === undefined) return [];
  return [
    {
      measure: "accept, durable, ÷ (a) bare node:http",
      bound: "at least",
      goal: 0.5,
      measured: headgateRatio(rounds, "bare"),
      unit: "×",
    },
    {
      measure: "accept, durable, ÷ (c) FastAPI",
      bound: "at least",
      goal: 1.7,
      measured: headgateRatio(rounds, "fastapi"),
      unit: "×",
    },
  ];
}

function ratio(rounds: Rounds, key: Subject["key"]): string {
  return rounds.headgate === undefined || key === "headgate" ? "" : fixed(headgateRatio(rounds, key));
}

function headgateRatio(rounds: Rounds, key: Subject["key"]): number {
  const rates = (results: Accepted[] = []): number[] => results.map((result) => result.perSecond);
  return medianRatio(rates(rounds.headgate), rates(rounds[key]));
}
