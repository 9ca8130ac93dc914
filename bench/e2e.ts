import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { readCounts, untilCounts } from "./rig/client.ts";
import { headgate } from "./rig/headgate.ts";
import { medianRatio, spread } from "./rig/median.ts";
import { watchComputing, watchOthers } from "./rig/others.ts";
import { bullmq, fastapi, relay } from "./rig/peers.ts";
import type { Goal, PartReport } from "./rig/report.ts";
import type { Subject } from "./rig/subject.ts";
import { fixed, whole } from "./rig/table.ts";
import type { Table } from "./rig/table.ts";
import type { CountingTarget } from "./rig/target.ts";
import { startFastTarget } from "./rig/target.ts";
import { submit } from "./rig/wrk.ts";

interface Run {
  readonly tasks: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly failed: number;
  /** How many requests the target counted, which must be the number of tasks. */
  readonly served: number;
  /** Processor time of the subject, in microseconds; of its main process only. */
  readonly computedPerTask: number;
  /** Share of the processors that other programs took meanwhile. */
  readonly othersPercent: number;
}

type Rounds = Partial<Record<Subject["key"], Run[]>>;

const subjects = [relay, fastapi, bullmq, headgate];
const connections = 64;
const concurrency = 50;
const limitMs = 300_000;

/** A fixed number of tasks, from the first submit until the last answer is kept. */
export async function e2ePart(bench: Bench): Promise<PartReport> {
  const target = await startFastTarget(bench.folder("targets"));
  const rounds: Rounds = {};
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const subject of bench.present(subjects)) {
      const folder = bench.folder(`e2e-${round}-${subject.key}`);
      const run = await measure(subject, target, folder);
      rmSync(folder, { recursive: true, force: true });
      (rounds[subject.key] ??= []).push(run);
      bench.tell(`e2e ${round}/${bench.rounds} ${subject.label}: ${whole(run.perSecond)}/s`);
    }
  }
  await target.stop();
  return { tables: [e2eTable(rounds, bench)], goals: e2eGoals(rounds), figures: rounds };
}

async function measure(subject: Subject, target: CountingTarget, folder: string): Promise<Run> {
  const running = await subject.start({ targetUrl: target.url, concurrency, folder });
  const load = { url: running.url, connections, log: join(folder, "wrk.log") };
  await submit(load, subject.endToEndTasks / 10, limitMs / 1000);
  const before = await untilCounts(
    running.url,
    (counts) => counts.pending + counts.processing === 0,
    limitMs,
  );
  const servedBefore = await target.served();

  const othersPercent = watchOthers();
  const computed = watchComputing(running.pid);
  const start = performance.now();
  await submit(load, subject.endToEndTasks, limitMs / 1000);
  await untilCounts(running.url, (counts) => counts.pending + counts.processing === 0, limitMs);
  const seconds = (performance.now() - start) / 1000;

  const others = othersPercent();
  const computedUs = computed();
  const after = await readCounts(running.url);
  const served = (await target.served()) - servedBefore;
  await running.stop();
  const failed = after.failed - before.failed;
  const tasks = after.completed - before.completed + failed;
  if (tasks < subject.endToEndTasks)
    throw new Error(`${subject.label} took only ${tasks} tasks, see ${folder}`);
  return {
    tasks,
    seconds,
    perSecond: tasks / seconds,
    computedPerTask: computedUs / tasks,
    failed,
    served,
    othersPercent: others,
  };
}

function e2eTable(rounds: Rounds, bench: Bench): Table {
  const rows = bench.present(subjects).map(({ key, label }) => {
    const runs = rounds[key] ?? [];
    const rate = spread(rates(rounds, key));
    const failed = runs.reduce((sum, run) => sum + run.failed, 0);
    const others = spread(runs.map((run) => run.othersPercent));
    const unforwarded = runs.reduce((sum, run) => sum + Math.abs(run.tasks - run.served), 0);
    const ratio =
      rounds.headgate === undefined || key === "headgate" ? "" : fixed(headgateRatio(rounds, key));
    return [
      label,
      whole(runs[0]?.tasks ?? 0),
      whole(rate.median),
      whole(rate.min),
      whole(rate.max),
      whole(spread(runs.map((run) => run.computedPerTask)).median),
      whole(failed),
      whole(unforwarded),
      whole(others.max),
      ratio,
    ];
  });
  return {
    title: `End to end, ${concurrency} at once, ${connections} submitting connections: tasks final per second`,
    headings: [
      "subject",
      "tasks",
      "per second",
      "min",
      "max",
      "CPU µs",
      "failed",
      "target differs",
      "others %",
      "Headgate ÷ it",
    ],
    rows,
  };
}

function e2eGoals(rounds: Rounds): Goal[] {
  if (rounds.headgate === undefined) return [];
  const goal = (key: Subject["key"], name: string, ratio: number): Goal => ({
    measure: `end to end, durable, ÷ ${name}`,
    bound: "at least",
    goal: ratio,
    measured: headgateRatio(rounds, key),
    unit: "×",
  });
  return [
    goal("relay", "(b) node relay", 0.6),
    goal("bullmq", "(d) BullMQ", 1.8),
    goal("fastapi", "(c) FastAPI", 7),
  ];
}

function headgateRatio(rounds: Rounds, key: Subject["key"]): number {
  return medianRatio(rates(rounds, "headgate"), rates(rounds, key));
}

function rates(rounds: Rounds, key: Subject["key"]): number[] {
  return (rounds[key] ?? []).map((run) => run.perSecond);
}
