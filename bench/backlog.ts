import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { readCounts, submitOne, timeReads, until, untilCounts } from "./rig/client.ts";
import type { Counts, Latency } from "./rig/client.ts";
import { startHeadgate } from "./rig/headgate.ts";
import { residentBytes } from "./rig/process.ts";
import type { Goal, PartReport } from "./rig/report.ts";
import type { RunningSubject } from "./rig/subject.ts";
import { fixed, formatTable, megabytes, whole } from "./rig/table.ts";
import type { Table } from "./rig/table.ts";
import type { Target } from "./rig/target.ts";
import { startFastTarget, startHangingTarget } from "./rig/target.ts";
import { load, submit } from "./rig/wrk.ts";

interface Backlog {
  readonly size: number;
  readonly fillSeconds: number;
  readonly bootMs: number;
  readonly residentAfterFill: number;
  readonly residentAfterBoot: number;
  readonly reads: Readonly<Record<string, Latency>>;
  readonly acceptPerSecond: number;
  readonly claimPerSecond: number;
}

interface Targets {
  readonly hanging: Target;
  readonly fast: Target;
}

const bodyBytes = 1024;
const connections = 256;
const limitMs = 600_000;

/** What a long queue costs: filled through the API, read while nothing else happens, then drained. */
export async function backlogPart(bench: Bench): Promise<PartReport> {
  if (!bench.hasHeadgate) return { tables: [], goals: [], figures: null };
  const folder = bench.folder("targets");
  const targets = { hanging: await startHangingTarget(folder), fast: await startFastTarget(folder) };
  const backlogs: Backlog[] = [];
  for (const size of bench.backlogs) {
    const backlog = await measure(bench, size, targets);
    backlogs.push(backlog);
    bench.tell(formatTable(sizeTable([backlog])));
  }
  await Promise.all([targets.hanging.stop(), targets.fast.stop()]);
  return {
    tables: [sizeTable(backlogs), readTable(backlogs)],
    goals: backlogGoals(backlogs),
    figures: backlogs,
  };
}

async function measure(bench: Bench, size: number, { hanging, fast }: Targets): Promise<Backlog> {
  const folder = bench.folder(`backlog-${size}`);
  const wrkLog = join(folder, "wrk.log");

  const filling = await startHeadgate({ targetUrl: hanging.url, concurrency: 1, folder });
  const fillStart = performance.now();
  await submit({ url: filling.url, connections, bodyBytes, log: wrkLog }, size, limitMs / 1000);
  const fillSeconds = (performance.now() - fillStart) / 1000;
  const residentAfterFill = residentBytes(filling.pid);
  await filling.stop();

  const full = await startHeadgate({ targetUrl: hanging.url, concurrency: 1, folder });
  const residentAfterBoot = residentBytes(full.pid);
  const reads = await timeEveryRead(full.url);
  await load({ url: full.url, connections, bodyBytes, log: wrkLog }, 1);
  const accept = await load({ url: full.url, connections, bodyBytes, log: wrkLog }, bench.seconds);
  await full.stop();

  const draining = await startHeadgate({ targetUrl: fast.url, concurrency: 50, folder });
  const claimPerSecond = await measureClaims(draining, size, bench.seconds);
  await draining.stop();
  rmSync(folder, { recursive: true, force: true });
  return {
    size,
    fillSeconds,
    bootMs: full.bootMs,
    residentAfterFill,
    residentAfterBoot,
    reads,
    acceptPerSecond: accept.perSecond,
    claimPerSecond,
  };
}

async function timeEveryRead(url: string): Promise<Record<string, Latency>> {
  const id = await submitOne(url);
  const paths = {
    "GET /stats": "/stats",
    "GET /tasks?limit=50": "/tasks?limit=50",
    "GET /tasks?status=pending&limit=50": "/tasks?status=pending&limit=50",
    "GET /task/{id}": `/task/${id}`,
  };
  const reads: Record<string, Latency> = {};
  for (const [name, path] of Object.entries(paths)) {
    await timeReads(url + path, 20, 5_000);
    reads[name] = await timeReads(url + path, 500, 10_000);
  }
  return reads;
}

/** The tasks above `size`, which the accept measure left, are the warm-up. */
async function measureClaims({ url }: RunningSubject, size: number, seconds: number): Promise<number> {
  const before = await untilCounts(url, ({ pending }) => pending <= size, limitMs);
  const start = performance.now();
  let after: Counts = before;
  await until(
    async () => {
      after = await readCounts(url);
      return performance.now() - start > seconds * 1000 || after.pending < before.pending / 10;
    },
    limitMs,
    "claims",
  );
  return (after.completed - before.completed) / ((performance.now() - start) / 1000);
}

function sizeTable(backlogs: readonly Backlog[]): Table {
  return {
    title: "Backlog of pending tasks with bodies of 1 KB: Headgate",
    headings: [
      "backlog",
      "fill s",
      "boot to ready ms",
      "RSS filled MB",
      "RSS booted MB",
      "accept /s",
      "claim /s",
    ],
    rows: backlogs.map((backlog) => [
      whole(backlog.size),
      fixed(backlog.fillSeconds, 1),
      whole(backlog.bootMs),
      megabytes(backlog.residentAfterFill),
      megabytes(backlog.residentAfterBoot),
      whole(backlog.acceptPerSecond),
      whole(backlog.claimPerSecond),
    ]),
  };
}

function readTable(backlogs: readonly Backlog[]): Table {
  const cell = ({ p50Ms, p99Ms }: Latency): string => `${fixed(p50Ms)} / ${fixed(p99Ms)}`;
  return {
    title: "Reads at that backlog, while idle: p50 / p99 ms",
    headings: ["backlog", ...Object.keys(backlogs[0]?.reads ?? {})],
    rows: backlogs.map(({ size, reads }) => [whole(size)].concat(Object.values(reads).map(cell))),
  };
}

function backlogGoals(backlogs: readonly Backlog[]): Goal[] {
  const [smallest, largest] = [backlogs[0], backlogs.at(-1)];
  if (smallest === undefined || largest === undefined) return [];
  return largest === smallest
    ? limitGoals(largest)
    : [...ratioGoals(largest, smallest), ...limitGoals(largest)];
}

function ratioGoals(largest: Backlog, smallest: Backlog): Goal[] {
  const goal = (name: string, measured: number): Goal => ({
    measure: `${name} at ${whole(largest.size)} tasks ÷ at ${whole(smallest.size)}`,
    bound: "at least",
    goal: 0.7,
    measured,
    unit: "×",
  });
  return [
    goal("claim rate", largest.claimPerSecond / smallest.claimPerSecond),
    goal("accept rate", largest.acceptPerSecond / smallest.acceptPerSecond),
  ];
}

function limitGoals({ size, reads, bootMs, residentAfterFill, residentAfterBoot }: Backlog): Goal[] {
  const limit = (name: string, goal: number, measured: number, unit: string): Goal => ({
    measure: `${name} at ${whole(size)} tasks`,
    bound: "at most",
    goal,
    measured,
    unit,
  });
  return [
    ...Object.entries(reads).map(([name, { p99Ms }]) => limit(`${name} p99`, 20, p99Ms, "ms")),
    limit("boot to ready", 2, bootMs / 1000, "s"),
    limit("RSS", 300, Math.max(residentAfterFill, residentAfterBoot) / 2 ** 20, "MB"),
  ];
}
